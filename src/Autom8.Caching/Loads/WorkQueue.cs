namespace Autom8.Caching.Loads;

/// <summary>
/// Where everything runs that the cache does beside its callers: fills, refreshes, and what waits for them. One seam, so that a test can decide the order of all of it.
/// </summary>
internal abstract class WorkQueue
{
    /// <summary>The thread pool, without the caller's execution context.</summary>
    public static readonly WorkQueue Pool = new PoolQueue();

    /// <summary>How tasks that callers wait for are made: whether those who wait go on inside the completion or on their own.</summary>
    public abstract TaskCreationOptions Completion { get; }

    public abstract void Run(Action<object?> work, object? state);

    private sealed class PoolQueue : WorkQueue
    {
        public override TaskCreationOptions Completion => TaskCreationOptions.RunContinuationsAsynchronously;

        public override void Run(Action<object?> work, object? state) =>
            ThreadPool.UnsafeQueueUserWorkItem(work, state, preferLocal: false);
    }
}
