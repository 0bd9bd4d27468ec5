using System.Runtime.InteropServices;

namespace Autom8.Scheduling.Engine;

/// <summary>Sleeps for less than a few milliseconds more precisely than <c>Thread.Sleep</c>, which counts whole ones.</summary>
internal static partial class PreciseSleep
{
    public static void For(TimeSpan time)
    {
        if (OperatingSystem.IsWindows())
        {
            var until = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(until) < time)
            {
                Thread.Yield();
            }

            return;
        }

        // usleep(3): microseconds, below one second. An interrupted sleep is short; the caller looks at the clock anyway.
        _ = UnixSleep((uint)Math.Clamp(time.TotalMicroseconds, 1, 999_999));
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int UnixSleep(uint microseconds);
}
