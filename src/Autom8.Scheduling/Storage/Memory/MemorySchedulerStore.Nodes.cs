using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <content>Who lives, and what becomes of the work of the dead.</content>
internal sealed partial class MemorySchedulerStore
{
    private readonly Dictionary<long, MemoryNode> _nodes = [];
    private long _lastNode;
    private volatile Action<bool>[] _listeners = []; // replaced whole under _lock

    public ValueTask<long> JoinAsync(string name, TimeSpan lease, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var node = new MemoryNode(++_lastNode, name) { LeaseUntil = Now + lease };
            _nodes.Add(node.Id, node);
            return new(node.Id);
        }
    }

    public ValueTask<HeartbeatResult> BeatAsync(long node, TimeSpan lease, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = Now;
            if (!_nodes.TryGetValue(node, out var row))
            {
                return new(new HeartbeatResult(false, now, []));
            }

            row.LeaseUntil = now + lease;
            var cancelled = new List<long>(row.Revoked);
            row.Revoked.Clear();
            foreach (var job in row.Claimed.Values)
            {
                if (job.CancelRequested)
                {
                    cancelled.Add(job.Claim);
                }
            }

            return new(new HeartbeatResult(true, now, cancelled));
        }
    }

    public ValueTask ReportAsync(long node, IReadOnlyList<(long Claim, JobProgress Progress)> progress, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var (claim, said) in progress)
            {
                if (_nodes.TryGetValue(node, out var row) && row.Claimed.TryGetValue(claim, out var job))
                {
                    job.Progress = said;
                }
            }
        }

        return default;
    }

    public ValueTask LeaveAsync(long node, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(node, out var row))
            {
                if (row.Claimed.Count == 0)
                {
                    _nodes.Remove(node);
                }
                else
                {
                    row.LeaseUntil = Now;
                }
            }
        }

        return default;
    }

    public ValueTask<RescueResult> RescueAsync(RescueRequest request, CancellationToken cancellationToken)
    {
        RescueResult? result = null;
        lock (_lock)
        {
            var now = Now;
            List<MemoryNode>? dead = null;
            foreach (var node in _nodes.Values)
            {
                if (node.LeaseUntil < now && node.Id != request.Node)
                {
                    (dead ??= []).Add(node);
                }
            }

            if (dead is not null)
            {
                var jobs = new List<RescuedJob>();
                foreach (var node in dead)
                {
                    _nodes.Remove(node.Id);
                    Rescue(node, request, now, jobs);
                }

                result = new([.. dead.Select(static n => n.Name)], jobs);
            }
        }

        if (result is null)
        {
            return new(RescueResult.Nothing);
        }

        Tell(urgent: false);
        return new(result);
    }

    private void Rescue(MemoryNode node, RescueRequest request, DateTimeOffset now, List<RescuedJob> rescued)
    {
        var ended = new List<(Guid, bool)>();
        foreach (var job in node.Claimed.Values.OrderBy(static j => j.Claim).ToList())
        {
            var started = job.ClaimedAt > job.DueAt ? job.ClaimedAt : job.DueAt;
            Record(Execution(job, job.Claim, started < now ? started : now, now, ExecutionStatus.Abandoned, "Its node died.", node.Name));
            var then =
                job.CancelRequested ? AfterRescue.Cancelled
                : job.Abandoned + 1 < request.MaxAbandoned && !request.AtMostOnce.Contains(job.Job) ? AfterRescue.RunsAgain
                : AfterRescue.GivenUp;
            rescued.Add(new(job.Id, job.Job, job.TaskName, job.TaskId, job.Claim, then));
            if (then == AfterRescue.GivenUp)
            {
                ended.Add((job.Id, false));
            }

            GiveBack(job, then);
        }

        End(ended);
    }

    private void GiveBack(MemoryJob job, AfterRescue then)
    {
        // A task goes on with its next occurrence: what is given up is not left to stand in its way.
        if (then == AfterRescue.GivenUp && job.OfTask is { } jobs)
        {
            Remove(job);
            if (_tasks.Find(jobs.TaskId) is not TaskTable.None and var task)
            {
                _tasks[task].Status = ScheduledTaskStatus.Failed;
            }

            Promote(jobs);
            return;
        }

        job.Attempt++;
        job.Abandoned++;
        job.Error = "Its node died.";
        Move(job, then == AfterRescue.GivenUp ? JobState.Dead : JobState.Ready);
        if (then == AfterRescue.Cancelled)
        {
            // Its node died before it could end it: the wish holds.
            CancelUnclaimed(job);
        }
    }

    public async Task ListenAsync(Action<bool> signal, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _listeners = [.. _listeners, signal];
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            _listeners = [.. _listeners.Where(l => l != signal)];
        }
    }

    /// <summary>Tells those who listen; a single one hears of what it did itself in other ways, except of what it is to be told.</summary>
    private void Tell(bool urgent)
    {
        var listeners = _listeners;
        if (urgent || listeners.Length > 1)
        {
            foreach (var listener in listeners)
            {
                listener(urgent);
            }
        }
    }
}
