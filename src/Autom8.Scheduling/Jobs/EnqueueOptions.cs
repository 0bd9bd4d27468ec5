using System.Data.Common;

namespace Autom8.Scheduling.Jobs;

/// <summary>When and how an enqueued job is run. What is left out is as the job was registered.</summary>
public sealed record EnqueueOptions
{
    /// <summary>Not before this instant, by the store's clock.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Not before this time has passed, by the store's clock. Not together with <see cref="DueAt"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The queue.</summary>
    public string? Queue { get; init; }

    /// <summary>The priority within the queue.</summary>
    public JobPriority? Priority { get; init; }

    /// <summary>After what time a run is cancelled and counts as failed.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Further attempts after a failure.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>What makes the job one of a kind, at most 200 characters: while another of the same key is not finished (or was enqueued less than <see cref="UniqueFor"/> ago), that one is answered and none is added.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>For how long a <see cref="UniqueKey"/> is taken, counted from when it was enqueued, even when its job is finished.</summary>
    public TimeSpan? UniqueFor { get; init; }

    /// <summary>
    /// Debounces: while another job of the same key has not begun, that one is given this payload and this due time, and none is added. At most 200 characters; not together with <see cref="UniqueKey"/>.
    /// </summary>
    public string? DebounceKey { get; init; }

    /// <summary>The jobs to wait for. The job becomes ready when all of them have succeeded. While one of them is dead it waits: that one may be requeued. When one is cancelled it is dead as well, unless <see cref="AfterFailure"/>.</summary>
    public IReadOnlyList<Guid> After { get; init; } = [];

    /// <summary>Whether it is enough that the jobs of <see cref="After"/> have ended, however they did.</summary>
    public bool AfterFailure { get; init; }

    /// <summary>The caller's open transaction on the store's database: the job is there when, and only if, it commits.</summary>
    public DbTransaction? Transaction { get; init; }
}
