using System.Data.Common;
using System.Runtime.CompilerServices;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <content>Claims, completion, release.</content>
internal sealed partial class MemorySchedulerStore
{
    private static readonly JobPriority[] Priorities = [JobPriority.High, JobPriority.Normal, JobPriority.Low];
    private static readonly ConditionalWeakTable<string[], HashSet<string>> KnownNames = [];

    private readonly List<MemoryJob> _unknown = [];
    private long _lastClaim;

    /// <summary>The names of the jobs that a process knows, to look up: the array is the same every time.</summary>
    private static HashSet<string> Known(string[] names) => KnownNames.GetValue(names, static n => new(n, StringComparer.Ordinal));

    public ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = Now;
            var known = Known(request.Jobs);
            List<ClaimedJob>? jobs = null;
            if (_nodes.TryGetValue(request.Node, out var node))
            {
                foreach (var share in request.Shares)
                {
                    var most = (jobs?.Count ?? 0) + share.Limit;
                    foreach (var priority in Priorities)
                    {
                        foreach (var queue in share.Queues)
                        {
                            Take(queue, priority, known, node, now + request.Ahead, most, ref jobs);
                        }
                    }
                }
            }

            return new(new ClaimResult(jobs ?? [], now, NextJob(request.Shares, known), NextSlot(request.Jobs, request.Ahead)));
        }
    }

    private void Take(
        string name,
        JobPriority priority,
        HashSet<string> known,
        MemoryNode node,
        DateTimeOffset until,
        int most,
        ref List<ClaimedJob>? jobs
    )
    {
        if (!_queues.TryGetValue(name, out var queue))
        {
            return;
        }

        var limit = (int)Math.Min(most, (jobs?.Count ?? 0L) + RoomIn(name));
        var ready = queue.Ready(priority);
        while ((jobs?.Count ?? 0) < limit && First(ready, known) is { } job && job.DueAt <= until)
        {
            Leave(job);
            Undebounce(job);
            (job.Claim, job.Node, job.ClaimedAt, job.Progress) = (++_lastClaim, node, Now, null);
            Enter(job, JobState.Claimed);
            (jobs ??= []).Add(job.Claimed());
        }

        PutBack(ready);
    }

    private DateTimeOffset? NextJob(IReadOnlyList<ClaimShare> shares, HashSet<string> known)
    {
        DateTimeOffset? next = null;
        foreach (var name in shares.SelectMany(static s => s.Queues))
        {
            if (!_queues.TryGetValue(name, out var queue) || RoomIn(name) == 0)
            {
                continue;
            }

            foreach (var priority in Priorities)
            {
                var ready = queue.Ready(priority);
                if (First(ready, known) is { } job && (next is null || job.DueAt < next))
                {
                    next = job.DueAt;
                }

                PutBack(ready);
            }
        }

        return next;
    }

    /// <summary>The first that is known; those before it are taken out until <see cref="PutBack"/>.</summary>
    private MemoryJob? First(IndexedHeap<MemoryJob> ready, HashSet<string> known)
    {
        while (ready.TryPeek(out var job))
        {
            if (known.Contains(job.Job))
            {
                return job;
            }

            ready.Remove(job);
            _unknown.Add(job);
        }

        return null;
    }

    private void PutBack(IndexedHeap<MemoryJob> ready)
    {
        foreach (var job in _unknown)
        {
            ready.Add(job);
        }

        _unknown.Clear();
    }

    public ValueTask<IReadOnlySet<long>> CompleteAsync(
        IReadOnlyList<JobOutcome> outcomes,
        DbTransaction? transaction,
        Func<WatchedTask, IReadOnlyList<JobOutcome>, string?>? fold,
        CancellationToken cancellationToken
    )
    {
        RefuseTransaction(transaction);
        var recorded = new HashSet<long>(outcomes.Count);
        lock (_lock)
        {
            var now = Now;
            List<(Guid, bool)>? ended = null;
            List<MemoryJob>? cancelled = null;
            Dictionary<Guid, List<JobOutcome>>? tasks = null;
            for (var i = 0; i < outcomes.Count; i++)
            {
                var outcome = outcomes[i];
                if (Held(outcome.Job) is not { } job)
                {
                    continue;
                }

                if (outcome.IsCancellation && !job.CancelRequested)
                {
                    if (!outcome.HasBegun)
                    {
                        Move(job, JobState.Ready);
                        recorded.Add(outcome.Job.Claim);
                        continue;
                    }

                    outcome = outcome.Interrupted();
                }

                var isCancelled = job.CancelRequested && outcome.Then != JobDisposition.Finish;
                if (isCancelled)
                {
                    (cancelled ??= []).Add(job);
                }

                if (End(job, outcome, now) && !isCancelled)
                {
                    (ended ??= []).Add((job.Id, outcome.Status == ExecutionStatus.Succeeded));
                }

                Record(outcome);
                recorded.Add(outcome.Job.Claim);
                if (job.TaskId is { } task)
                {
                    tasks ??= [];
                    if (!tasks.TryGetValue(task, out var ofTask))
                    {
                        tasks.Add(task, ofTask = []);
                    }

                    ofTask.Add(outcome);
                }
            }

            foreach (var (task, ofTask) in tasks ?? [])
            {
                UpdateTask(task, ofTask, fold);
            }

            End(ended ?? []);
            // The run ended otherwise before it was told: the wish holds.
            foreach (var job in cancelled ?? [])
            {
                CancelUnclaimed(job);
            }
        }

        Tell(urgent: false);
        return new(recorded);
    }

    private MemoryJob? Held(ClaimedJob claimed) =>
        _jobs.TryGetValue(claimed.Id, out var job) && job.State == JobState.Claimed && job.Claim == claimed.Claim ? job : null;

    /// <summary>True when what waits for the job is to be told.</summary>
    private bool End(MemoryJob job, JobOutcome outcome, DateTimeOffset now)
    {
        switch (outcome.Then)
        {
            case JobDisposition.Finish:
                Remove(job);
                return true;
            case JobDisposition.Bury:
                job.Error = outcome.Error;
                Move(job, JobState.Dead);
                return true;
        }

        Leave(job);
        job.DueAt = now + outcome.Delay;
        job.Attempt += outcome.Then == JobDisposition.Retry ? 1 : 0;
        job.Error = outcome.Error;
        Enter(job, JobState.Ready);
        return false;
    }

    /// <summary>How the task fares, and the next run of it that waits for its turn.</summary>
    private void UpdateTask(Guid id, List<JobOutcome> outcomes, Func<WatchedTask, IReadOnlyList<JobOutcome>, string?>? fold)
    {
        outcomes.Sort(static (a, b) => a.Job.Claim.CompareTo(b.Job.Claim));
        if (_tasks.Find(id) is not TaskTable.None and var row)
        {
            ref var task = ref _tasks[row];
            var last = outcomes[^1];
            task.LastRun = Math.Max(task.LastRun, last.StartedAt.UtcTicks);
            task.Status = last.Status switch
            {
                ExecutionStatus.Succeeded => ScheduledTaskStatus.Succeeded,
                ExecutionStatus.Failed or ExecutionStatus.Abandoned => ScheduledTaskStatus.Failed,
                _ => task.Status,
            };
            if (fold is not null)
            {
                WriteState(ref task, fold(Watched(row), outcomes));
            }
        }

        if (_ofTasks.TryGetValue(id, out var jobs))
        {
            Promote(jobs);
        }
    }

    public ValueTask<int> PromoteAsync(CancellationToken cancellationToken)
    {
        var promoted = 0;
        lock (_lock)
        {
            if (_waiting.Count > 0)
            {
                foreach (var jobs in _waiting.ToList())
                {
                    promoted += Promote(jobs);
                }
            }
        }

        return new(promoted);
    }

    private int Promote(MemoryTaskJobs jobs)
    {
        var promoted = 0;
        while (jobs.Waiting.TryPeek(out var job) && jobs.Active < job.MaxActive)
        {
            Move(job, JobState.Ready);
            promoted++;
        }

        return promoted;
    }

    /// <summary>What waited for jobs that have ended now: it is ready when nothing else is open, and dead when what it needed failed.</summary>
    private void End(List<(Guid Id, bool Succeeded)> ended)
    {
        while (ended.Count > 0)
        {
            var waiting = new List<(MemoryJob Job, bool Failed)>();
            foreach (var (id, succeeded) in ended)
            {
                TakeDependents(id, succeeded, waiting);
            }

            // The dead first: what else they waited for may have succeeded at the same time.
            ended = [];
            foreach (var (job, failed) in waiting)
            {
                if (failed && job.State == JobState.WaitingForJobs)
                {
                    job.Error = "A job that it waits for did not succeed.";
                    Move(job, JobState.Dead);
                    ended.Add((job.Id, false));
                }
            }

            foreach (var (job, _) in waiting)
            {
                if (job is { State: JobState.WaitingForJobs, Open: 0 })
                {
                    Move(job, JobState.Ready);
                }
            }
        }
    }

    private void TakeDependents(Guid id, bool succeeded, List<(MemoryJob Job, bool Failed)> waiting)
    {
        if (!_dependents.Remove(id, out var dependents))
        {
            return;
        }

        // A dead job may be requeued, and succeed yet.
        if (!succeeded && _jobs.TryGetValue(id, out var job) && job.State == JobState.Dead)
        {
            var patient = dependents.FindAll(static d => d.OnSuccess);
            dependents.RemoveAll(static d => d.OnSuccess);
            if (patient.Count > 0)
            {
                _dependents.Add(id, patient);
            }
        }

        foreach (var dependent in dependents)
        {
            dependent.Job.Open--;
            waiting.Add((dependent.Job, dependent.OnSuccess && !succeeded));
        }
    }

    public ValueTask ReleaseAsync(IReadOnlyList<ClaimedJob> jobs, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var claimed in jobs)
            {
                if (Held(claimed) is { } job)
                {
                    Move(job, JobState.Ready);
                    if (job.CancelRequested)
                    {
                        // Given back before it was told: the wish holds.
                        CancelUnclaimed(job);
                    }
                }
            }
        }

        Tell(urgent: false);
        return default;
    }

    public ValueTask ReleaseAfterAsync(long node, long claim, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var job in _jobs.Values.Where(j => j.State == JobState.Claimed && j.Node?.Id == node && j.Claim > claim).ToList())
            {
                Move(job, JobState.Ready);
            }
        }

        Tell(urgent: false);
        return default;
    }
}
