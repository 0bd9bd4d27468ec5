namespace Autom8.Caching.Loads;

/// <summary>
/// A place in the queue of calls about one key to the distributed tier. Taken under the lock of the key's stripe, at the moment of the decision that the call carries out,
/// so that the calls take effect in the order of the decisions.
/// </summary>
internal sealed class DistributedCall<TKey>
    where TKey : notnull
{
    private readonly TaskCompletionSource _done;

    public DistributedCall(KeyActivity<TKey> activity, WorkQueue work)
    {
        _done = new TaskCompletionSource(work.Completion);
        Activity = activity;
        Previous = activity.LastCall ?? Task.CompletedTask;
        activity.LastCall = _done.Task;
    }

    public KeyActivity<TKey> Activity { get; }

    /// <summary>Completes when it is this call's turn; never fails.</summary>
    public Task Previous { get; }

    /// <summary>Something was decided about the key after this: read under the lock.</summary>
    public bool IsSuperseded => Activity.LastCall != _done.Task;

    /// <summary>Gives the place up; under the lock.</summary>
    public void End()
    {
        if (!IsSuperseded)
        {
            Activity.LastCall = null;
        }
    }

    public void Complete() => _done.SetResult();
}
