using System.Data.Common;
using System.Runtime.InteropServices;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <content>Jobs: adding, moving, cancelling, requeueing, reading.</content>
internal sealed partial class MemorySchedulerStore
{
    private readonly Dictionary<Guid, MemoryJob> _jobs = [];
    private readonly Dictionary<Guid, MemoryTaskJobs> _ofTasks = [];
    private readonly HashSet<MemoryTaskJobs> _waiting = [];
    private readonly Dictionary<string, MemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UniqueKey> _keys = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, DateTimeOffset> _keysByExpiry = new();
    private readonly Dictionary<string, MemoryJob> _debounced = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, List<Dependent>> _dependents = []; // by what they wait for
    private long _lastNumber;

    public ValueTask<Guid[]> EnqueueAsync(IReadOnlyList<NewJob> jobs, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        RefuseTransaction(transaction);
        var ids = new Guid[jobs.Count];
        lock (_lock)
        {
            var now = Now;
            ForgetKeys(now);
            CheckAfter(jobs, now);
            for (var i = 0; i < ids.Length; i++)
            {
                ids[i] = Enqueue(jobs[i], now);
            }
        }

        Tell(urgent: false);
        return new(ids);
    }

    private static void RefuseTransaction(DbTransaction? transaction)
    {
        if (transaction is not null)
        {
            throw new ArgumentException(
                "The scheduler's store is in memory and takes part in no transaction. Call UseSqlite or UsePostgreSql on what AddAutom8Scheduling returns.",
                nameof(transaction)
            );
        }
    }

    /// <summary>All are added or none: what can be refused is looked at before anything is written.</summary>
    private void CheckAfter(IReadOnlyList<NewJob> jobs, DateTimeOffset now)
    {
        HashSet<Guid>? added = null;
        HashSet<string>? taken = null;
        for (var i = 0; i < jobs.Count; i++)
        {
            var job = jobs[i];
            if (job.UniqueKey is { } key && (IsTaken(key, now) || !(taken ??= new(StringComparer.Ordinal)).Add(key)))
            {
                continue;
            }

            if (job.DebounceKey is null)
            {
                foreach (var after in job.After)
                {
                    if (!_jobs.ContainsKey(after) && added?.Contains(after) != true)
                    {
                        CheckEnded(after, job.AfterFailure);
                    }
                }
            }

            if (jobs.Count > 1)
            {
                (added ??= []).Add(job.Id);
            }
        }
    }

    private void CheckEnded(Guid id, bool afterFailure)
    {
        if (_history.NewestOfJob(id) is not { } last)
        {
            throw StoreRefusals.UnknownJob(id);
        }

        if (!afterFailure && last.Status != ExecutionStatus.Succeeded)
        {
            throw StoreRefusals.AfterFailed(id);
        }
    }

    private Guid Enqueue(NewJob job, DateTimeOffset now)
    {
        if (job.UniqueKey is { } key)
        {
            if (IsTaken(key, now))
            {
                return _keys[key].Job;
            }

            _keys[key] = new(job.Id, now + job.UniqueFor);
            if (job.UniqueFor is { } window)
            {
                _keysByExpiry.Enqueue(key, now + window);
            }
        }

        if (job.DebounceKey is { } debounce)
        {
            if (_debounced.TryGetValue(debounce, out var other))
            {
                Leave(other);
                (other.Payload, other.Policy, other.DueAt) = (job.Payload, job.Policy, job.DueAt ?? now + job.Delay);
                Enter(other, JobState.Ready);
                return other.Id;
            }

            _debounced.Add(debounce, Add(job, JobState.Ready, now)!);
            return job.Id;
        }

        var added = Add(job, JobState.WaitingForJobs, now)!;
        foreach (var after in job.After.Distinct())
        {
            if (_jobs.TryGetValue(after, out var open) && (open.State != JobState.Dead || !job.AfterFailure))
            {
                added.Open++;
                ref var dependents = ref CollectionsMarshal.GetValueRefOrAddDefault(_dependents, after, out _);
                (dependents ??= []).Add(new(added, !job.AfterFailure));
            }
        }

        if (added.Open == 0)
        {
            Move(added, JobState.Ready);
        }

        return job.Id;
    }

    /// <summary>Adds runs of a task. A slot that is there already is not added again.</summary>
    private int AddSlots(IReadOnlyList<NewJob> jobs, JobState state, DateTimeOffset now)
    {
        var added = 0;
        for (var i = 0; i < jobs.Count; i++)
        {
            added += Add(jobs[i], state, now) is null ? 0 : 1;
        }

        return added;
    }

    /// <summary>Null when it is the job of a slot that has one.</summary>
    private MemoryJob? Add(NewJob job, JobState state, DateTimeOffset now)
    {
        var ofTask = job.TaskId is { } task ? OfTask(task) : null;
        if (ofTask is not null && job.Slot is { } slot && !ofTask.Slots.Add(slot))
        {
            return null;
        }

        if (!_queues.TryGetValue(job.Queue, out var queue))
        {
            _queues.Add(job.Queue, queue = new MemoryQueue(job.Queue));
        }

        var row = new MemoryJob
        {
            Id = job.Id,
            Number = ++_lastNumber,
            Job = job.Job,
            Queue = queue,
            Priority = job.Priority,
            DueAt = job.DueAt ?? now + job.Delay,
            TaskId = job.TaskId,
            OfTask = ofTask,
            TaskName = job.TaskName,
            Slot = job.Slot,
            MaxActive = job.MaxActive,
            Payload = job.Payload,
            Policy = job.Policy,
            UniqueKey = job.UniqueKey,
            DebounceKey = job.DebounceKey,
        };
        _jobs.Add(row.Id, row);
        ofTask?.All.Add(row);
        Enter(row, state);
        return row;
    }

    private MemoryTaskJobs OfTask(Guid task)
    {
        ref var jobs = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofTasks, task, out _);
        return jobs ??= new(task);
    }

    private void Move(MemoryJob job, JobState state)
    {
        Leave(job);
        Enter(job, state);
    }

    private void Enter(MemoryJob job, JobState state)
    {
        job.State = state;
        switch (state)
        {
            case JobState.Ready:
                job.Queue.Ready(job.Priority).Add(job);
                Count(job, 1);
                break;
            case JobState.Claimed:
                job.Node!.Claimed.Add(job.Claim, job);
                job.OfTask?.Claimed.Add(job);
                break;
            case JobState.WaitingForTask:
                job.OfTask!.Waiting.Add(job);
                _waiting.Add(job.OfTask);
                break;
        }
    }

    private void Leave(MemoryJob job)
    {
        switch (job.State)
        {
            case JobState.Ready:
                job.Queue.Ready(job.Priority).Remove(job);
                Count(job, -1);
                break;
            case JobState.Claimed:
                job.Node!.Claimed.Remove(job.Claim);
                job.OfTask?.Claimed.Remove(job);
                job.Node = null;
                break;
            case JobState.WaitingForTask:
                job.OfTask!.Waiting.Remove(job);
                if (job.OfTask.Waiting.Count == 0)
                {
                    _waiting.Remove(job.OfTask);
                }

                break;
        }
    }

    private static void Count(MemoryJob job, int ready)
    {
        if (job.OfTask is { } jobs)
        {
            jobs.Ready += ready;
        }
    }

    /// <summary>It is finished, or gone. Its key is free, and its task may have room.</summary>
    private void Remove(MemoryJob job)
    {
        Leave(job);
        job.State = JobState.Finished;
        _jobs.Remove(job.Id);
        Undebounce(job);
        if (job.UniqueKey is { } key && _keys.TryGetValue(key, out var taken) && taken.Job == job.Id && !(taken.ExpiresAt > Now))
        {
            _keys.Remove(key);
        }

        if (job.OfTask is not { } jobs)
        {
            return;
        }

        jobs.All.Remove(job);
        if (job.Slot is { } slot)
        {
            jobs.Slots.Remove(slot);
        }

        if (jobs.All.Count == 0)
        {
            _ofTasks.Remove(jobs.TaskId);
        }

        if (_tasks.Find(jobs.TaskId) is not TaskTable.None and var task && _tasks[task].Place != SlotPlace.Near)
        {
            Unschedule(task);
            Schedule(task);
        }
    }

    private void RemoveAll(IEnumerable<MemoryJob> jobs)
    {
        var ended = new List<(Guid, bool)>();
        foreach (var job in jobs.ToList())
        {
            Remove(job);
            ended.Add((job.Id, false));
        }

        End(ended);
    }

    private void Undebounce(MemoryJob job)
    {
        if (job.DebounceKey is { } key)
        {
            _debounced.Remove(key);
            job.DebounceKey = null;
        }
    }

    private bool IsTaken(string key, DateTimeOffset now) =>
        _keys.TryGetValue(key, out var taken) && (taken.ExpiresAt > now || _jobs.ContainsKey(taken.Job));

    /// <summary>Keys whose window is over are free, unless their job is not finished.</summary>
    private void ForgetKeys(DateTimeOffset now)
    {
        while (_keysByExpiry.TryPeek(out var key, out var expires) && expires <= now)
        {
            _keysByExpiry.Dequeue();
            if (!IsTaken(key, now))
            {
                _keys.Remove(key);
            }
        }
    }

    public ValueTask<bool> CancelAsync(Guid jobId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_jobs.TryGetValue(jobId, out var job))
            {
                return new(false);
            }

            if (job.State == JobState.Claimed)
            {
                job.CancelRequested = true;
            }
            else
            {
                CancelUnclaimed(job);
            }
        }

        Tell(urgent: true);
        return new(true);
    }

    /// <summary>Cancels a job that no node has.</summary>
    private void CancelUnclaimed(MemoryJob job)
    {
        var now = Now;
        Record(Execution(job, ++_lastClaim, now, now, ExecutionStatus.Cancelled, null, ""));
        Remove(job);
        End([(job.Id, false)]);
        if (job.OfTask is { } jobs)
        {
            Promote(jobs);
        }
    }

    public ValueTask<bool> RequeueAsync(Guid jobId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_jobs.TryGetValue(jobId, out var job) || job.State != JobState.Dead)
            {
                return new(false);
            }

            Leave(job);
            (job.DueAt, job.Attempt, job.Abandoned, job.Error) = (Now, 1, 0, null);
            Enter(job, JobState.Ready);
        }

        Tell(urgent: false);
        return new(true);
    }

    public ValueTask<JobSnapshot?> FindJobAsync(Guid jobId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(
                _jobs.TryGetValue(jobId, out var job) ? job.Snapshot()
                : _history.NewestOfJob(jobId) is { } last ? StoreRefusals.Finished(last)
                : null
            );
        }
    }

    public ValueTask<IReadOnlyList<JobSnapshot>> ListJobsAsync(JobState? state, Guid? after, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var first = new PriorityQueue<MemoryJob, Guid>(Comparer<Guid>.Create(static (a, b) => b.CompareTo(a)));
            foreach (var job in _jobs.Values)
            {
                if ((state is null || job.State == state) && (after is null || job.Id > after))
                {
                    if (first.Count < limit)
                    {
                        first.Enqueue(job, job.Id);
                    }
                    else
                    {
                        first.EnqueueDequeue(job, job.Id);
                    }
                }
            }

            var jobs = new JobSnapshot[first.Count];
            for (var i = jobs.Length; i > 0; i--)
            {
                jobs[i - 1] = first.Dequeue().Snapshot();
            }

            return new(jobs);
        }
    }

    /// <summary>Who has a key, and until when even if its job is finished.</summary>
    private readonly record struct UniqueKey(Guid Job, DateTimeOffset? ExpiresAt);

    private readonly record struct Dependent(MemoryJob Job, bool OnSuccess);
}
