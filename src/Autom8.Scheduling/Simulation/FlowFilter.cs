using System.Collections.Concurrent;
using Autom8.Scheduling.Jobs;

namespace Autom8.Scheduling.Simulation;

/// <summary>Follows the runs of a node, outside of all other filters. What a crashed node still runs never ends, and what a frozen one runs ends when it thaws.</summary>
internal sealed class FlowFilter : IJobFilter
{
    private readonly ConcurrentDictionary<RunFlow, byte> _flows = new();
    private volatile TaskCompletionSource? _standstill;

    public IEnumerable<RunFlow> Flows => _flows.Keys;

    /// <summary>How many runs wait for virtual time.</summary>
    public int Waiting => _flows.Count(static flow => flow.Key.IsWaiting);

    public void Freeze() => _standstill ??= new();

    public void Thaw()
    {
        var standstill = _standstill;
        _standstill = null;
        standstill?.SetResult();
    }

    public async ValueTask RunAsync(JobContext context, JobDelegate next, CancellationToken cancellationToken)
    {
        var flow = new RunFlow(context);
        _flows.TryAdd(flow, 0);
        try
        {
            RunFlow.Current = flow;
            await next(context, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (_standstill is { } standstill)
            {
                await standstill.Task.ConfigureAwait(false);
            }

            RunFlow.Current = null;
            _flows.TryRemove(flow, out _);
        }
    }
}
