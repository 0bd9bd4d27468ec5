using Autom8.Scheduling.Jobs;

namespace Autom8.Scheduling.Storage.Memory;

/// <content>Queues that are paused or limited.</content>
internal sealed partial class MemorySchedulerStore
{
    private readonly SortedDictionary<string, QueueState> _ruled = new(StringComparer.Ordinal);

    public ValueTask<QueueState> EditQueueAsync(
        string name,
        Func<QueueState, DateTimeOffset, QueueState> edit,
        CancellationToken cancellationToken
    )
    {
        QueueState queue;
        lock (_lock)
        {
            queue = edit(_ruled.GetValueOrDefault(name) ?? new QueueState { Name = name }, Now);
            if (queue is { PausedAt: null, MaxRunning: null })
            {
                _ruled.Remove(name);
            }
            else
            {
                _ruled[name] = queue;
            }

            queue = Counted(queue);
        }

        Tell(urgent: false);
        return new(queue);
    }

    public ValueTask<IReadOnlyList<QueueState>> ListQueuesAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var waiting = _queues.Values.Where(q => q.Waiting > 0 && !_ruled.ContainsKey(q.Name));
            return new([
                .. _ruled
                    .Values.Concat(waiting.Select(static q => new QueueState { Name = q.Name }))
                    .Select(Counted)
                    .OrderBy(static q => q.Name, StringComparer.Ordinal),
            ]);
        }
    }

    private QueueState Counted(QueueState queue) => queue with { Waiting = _queues.GetValueOrDefault(queue.Name)?.Waiting ?? 0 };

    /// <summary>How many more of a queue may be claimed.</summary>
    private int RoomIn(string name) =>
        !_ruled.TryGetValue(name, out var queue) ? int.MaxValue
        : queue.PausedAt is not null ? 0
        : queue.MaxRunning is { } most ? Math.Max(most - _nodes.Values.Sum(n => n.Claimed.Values.Count(j => j.Queue.Name == name)), 0)
        : int.MaxValue;
}
