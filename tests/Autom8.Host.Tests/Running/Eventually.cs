using System.Diagnostics;

namespace Autom8.Host.Tests.Running;

/// <summary>Waits for what another process does in its own time: asks again and again, and gives up with what was seen last.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> enough, TimeSpan? within = null)
    {
        var patience = within ?? TimeSpan.FromSeconds(30);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = await ask();
            if (enough(seen))
            {
                return seen;
            }

            Assert.True(Stopwatch.GetElapsedTime(began) < patience, $"Not within {patience}; last seen: {seen}");
            await Task.Delay(Pause);
        }
    }
}
