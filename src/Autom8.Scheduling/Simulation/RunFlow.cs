namespace Autom8.Scheduling.Simulation;

/// <summary>
/// Tells of a run whether it waits for virtual time: it has a timer set, and no thread is in its code. Where its code is, is known by an asynchronous local, whose changes are told whenever a thread enters or
/// leaves the flow.
/// </summary>
internal sealed class RunFlow(JobContext context)
{
    private static readonly AsyncLocal<RunFlow?> Flow = new(static change =>
    {
        change.PreviousValue?.Enters(-1);
        change.CurrentValue?.Enters(1);
    });

    private int _threads;
    private int _timers;

    public static RunFlow? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    public string Name { get; } = context.TaskName ?? context.JobName;

    public bool IsWaiting => Volatile.Read(ref _threads) == 0 && Volatile.Read(ref _timers) > 0;

    public void Waits(int timers) => Interlocked.Add(ref _timers, timers);

    private void Enters(int threads) => Interlocked.Add(ref _threads, threads);
}
