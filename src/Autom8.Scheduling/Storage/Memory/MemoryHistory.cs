using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>
/// The newest executions, bounded in number and in what they left: chained from the newest to the oldest, all of them, those of each task and those of each job. Not thread-safe.
/// </summary>
/// <remarks>An execution is recorded when it ends and has the number of its claim: it belongs near the newest end, so its place is looked for from there.</remarks>
internal sealed class MemoryHistory(int limit, long maxText)
{
    private const int Chains = 3;

    private readonly Dictionary<Guid, Entry> _newestOfTask = [];
    private readonly Dictionary<Guid, Entry> _newestOfJob = [];
    private Entry? _newest;
    private Entry? _oldest;
    private int _count;
    private long _text;

    public void Add(TaskExecution execution)
    {
        var entry = new Entry(execution);
        for (var chain = 0; chain < Chains; chain++)
        {
            Link(entry, chain);
        }

        _count++;
        _text += entry.Text;
        while (_count > limit || (_text > maxText && _count > 1))
        {
            Remove(_oldest!);
        }
    }

    public TaskExecution? NewestOfJob(Guid job) => _newestOfJob.GetValueOrDefault(job)?.Execution;

    /// <summary>From the newest on, with an id below <paramref name="before"/>.</summary>
    public IEnumerable<TaskExecution> List(Guid? task, Guid? job, long before)
    {
        var (entry, chain) =
            task is { } t ? (_newestOfTask.GetValueOrDefault(t), 1)
            : job is { } j ? (_newestOfJob.GetValueOrDefault(j), 2)
            : (_newest, 0);
        for (; entry is not null; entry = entry.Older[chain])
        {
            if (entry.Execution.Id < before)
            {
                yield return entry.Execution;
            }
        }
    }

    public int Prune(DateTimeOffset before, int limit)
    {
        var pruned = 0;
        for (var entry = _oldest; entry is not null && pruned < limit; )
        {
            var newer = entry.Newer[0];
            if (entry.Execution.CompletedAt < before)
            {
                Remove(entry);
                pruned++;
            }

            entry = newer;
        }

        return pruned;
    }

    private void Link(Entry entry, int chain)
    {
        if (chain == 1 && entry.Execution.TaskId is null)
        {
            return;
        }

        Entry? newer = null;
        var older = Newest(entry, chain);
        while (older is not null && older.Execution.Id > entry.Execution.Id)
        {
            (newer, older) = (older, older.Older[chain]);
        }

        (entry.Newer[chain], entry.Older[chain]) = (newer, older);
        if (older is not null)
        {
            older.Newer[chain] = entry;
        }
        else if (chain == 0)
        {
            _oldest = entry;
        }

        if (newer is not null)
        {
            newer.Older[chain] = entry;
        }
        else
        {
            SetNewest(entry, chain, entry);
        }
    }

    private void Remove(Entry entry)
    {
        for (var chain = 0; chain < Chains; chain++)
        {
            var (newer, older) = (entry.Newer[chain], entry.Older[chain]);
            if (chain == 1 && entry.Execution.TaskId is null)
            {
                continue;
            }

            if (older is not null)
            {
                older.Newer[chain] = newer;
            }
            else if (chain == 0)
            {
                _oldest = newer;
            }

            if (newer is not null)
            {
                newer.Older[chain] = older;
            }
            else
            {
                SetNewest(entry, chain, older);
            }
        }

        _count--;
        _text -= entry.Text;
    }

    private Entry? Newest(Entry like, int chain) =>
        chain switch
        {
            0 => _newest,
            1 => _newestOfTask.GetValueOrDefault(like.Execution.TaskId!.Value),
            _ => _newestOfJob.GetValueOrDefault(like.Execution.JobId),
        };

    private void SetNewest(Entry like, int chain, Entry? newest)
    {
        if (chain == 0)
        {
            _newest = newest;
            return;
        }

        var (all, key) = chain == 1 ? (_newestOfTask, like.Execution.TaskId!.Value) : (_newestOfJob, like.Execution.JobId);
        if (newest is null)
        {
            all.Remove(key);
        }
        else
        {
            all[key] = newest;
        }
    }

    private sealed class Entry(TaskExecution execution)
    {
        public Links Older;
        public Links Newer;

        public TaskExecution Execution { get; } = execution;

        public int Text => (Execution.ErrorMessage?.Length ?? 0) + (Execution.Output?.Length ?? 0) + (Execution.Log?.Length ?? 0);
    }

    [System.Runtime.CompilerServices.InlineArray(Chains)]
    private struct Links
    {
        private Entry? _first;
    }
}
