namespace Autom8.Benchmarks.Scheduling.Contenders;

/// <summary>Counts the runs that are still to come. The jobs of all contenders take it from the scope of their run.</summary>
internal sealed class RunCount
{
    private volatile TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;

    /// <summary>Ends with the last run that was expected.</summary>
    public Task All => _all.Task.WaitAsync(SchedulerHosts.Patience);

    public void Expect(int count)
    {
        _all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _left, count);
    }

    public void Note(Letter letter)
    {
        ArgumentNullException.ThrowIfNull(letter.To);
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _all.SetResult();
        }
    }
}
