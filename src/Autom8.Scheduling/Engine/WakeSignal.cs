namespace Autom8.Scheduling.Engine;

/// <summary>Wakes the engine before its timer does: a task was changed, or a run has ended.</summary>
internal sealed class WakeSignal
{
    private TaskCompletionSource _signal = Unset();

    /// <summary>Whether it was set since it was reset last.</summary>
    public bool IsSet => Volatile.Read(ref _signal).Task.IsCompleted;

    public void Set() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>Something is told to this node that it hears with its next heartbeat: that should be now.</summary>
    public void SetUrgent()
    {
        Urgent?.Invoke();
        Set();
    }

    /// <summary>Called by <see cref="SetUrgent"/>.</summary>
    public Action? Urgent { get; set; }

    /// <summary>To be called before looking for work: what is set while looking ends the next wait at once.</summary>
    public void Reset() => Volatile.Write(ref _signal, Unset());

    public async Task WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(timeout, time, over.Token);
        await Task.WhenAny(Volatile.Read(ref _signal).Task, delay).ConfigureAwait(false);
        if (!delay.IsCompleted)
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource Unset() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
