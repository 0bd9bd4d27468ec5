using Autom8.Security.Passwords;

namespace Autom8.Security.Tests.Passwords;

public sealed class PasswordGateTests
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_full_gate_turns_callers_away_and_says_when_to_come_back()
    {
        using var gate = new PasswordGate(concurrent: 1, queueLimit: 1, Later);
        using var hold = new ManualResetEventSlim();
        var running = gate.RunAsync(hold, Held, default).AsTask();
        var waiting = gate.RunAsync(hold, Held, default).AsTask();
        var refused = await Assert.ThrowsAsync<PasswordHashingBusyException>(async () => await gate.RunAsync(hold, Held, default));
        Assert.Equal(Later, refused.RetryAfter);
        hold.Set();
        await Task.WhenAll(running, waiting);
        Assert.Equal(1, await gate.RunAsync(hold, Held, default));
    }

    [Fact]
    public async Task No_more_run_at_once_than_allowed()
    {
        using var gate = new PasswordGate(concurrent: 2, queueLimit: 100, Later);
        var counts = new Counts();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => gate.RunAsync(counts, static c => c.Visit(), default).AsTask()));
        Assert.Equal(50, counts.Total);
        Assert.InRange(counts.Most, 1, 2);
    }

    [Fact]
    public async Task A_caller_that_gives_up_or_fails_leaves_its_place()
    {
        using var gate = new PasswordGate(concurrent: 1, queueLimit: 1, Later);
        using var hold = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var running = gate.RunAsync(hold, Held, default).AsTask();
        var waiting = gate.RunAsync(hold, Held, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var next = gate.RunAsync<int, int>(0, static _ => throw new InvalidOperationException(), default).AsTask();
        hold.Set();
        await running;
        await Assert.ThrowsAsync<InvalidOperationException>(() => next);
        Assert.Equal(1, await gate.RunAsync(hold, Held, default));
    }

    [Fact]
    public async Task The_work_does_not_run_on_the_callers_thread()
    {
        using var gate = new PasswordGate(1, 0, Later);
        using var hold = new ManualResetEventSlim();
        var running = gate.RunAsync(hold, Held, default); // would never return if it ran here
        hold.Set();
        Assert.Equal(1, await running);
    }

    private static int Held(ManualResetEventSlim hold)
    {
        hold.Wait();
        return 1;
    }

    private sealed class Counts
    {
        private readonly Lock _lock = new();
        private int _now;

        public int Most { get; private set; }

        public int Total { get; private set; }

        public int Visit()
        {
            lock (_lock)
            {
                _now++;
                Total++;
                Most = Math.Max(Most, _now);
            }

            Thread.Yield();
            lock (_lock)
            {
                return --_now;
            }
        }
    }
}
