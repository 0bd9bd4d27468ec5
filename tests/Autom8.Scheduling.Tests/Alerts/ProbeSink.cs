using System.Collections.Concurrent;
using Autom8.Scheduling.Alerts;

namespace Autom8.Scheduling.Tests.Alerts;

/// <summary>A sink that does what a test says, and remembers which alerts it has taken.</summary>
internal sealed class ProbeSink(string name = "probe", Func<SchedulerAlert, CancellationToken, ValueTask>? behaviour = null) : IAlertSink
{
    private int _calls;

    public string Name => name;

    public int Calls => Volatile.Read(ref _calls);

    public ConcurrentQueue<SchedulerAlert> Taken { get; } = new();

    public async ValueTask SendAsync(SchedulerAlert alert, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (behaviour is not null)
            await behaviour(alert, cancellationToken);
        Taken.Enqueue(alert);
    }
}
