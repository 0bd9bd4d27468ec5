namespace Autom8.Caching.Distributed;

/// <summary>
/// Counts failures in a row. A missed deadline opens the circuit at once, since every further call would cost a caller the deadline again; failures that answer quickly are counted.
/// It is closed by a probe, never by a caller.
/// </summary>
internal sealed class CircuitBreaker(int threshold)
{
    private int _failures;
    private int _open;

    public bool IsOpen => Volatile.Read(ref _open) != 0;

    public void Succeeded()
    {
        if (Volatile.Read(ref _failures) != 0)
        {
            Volatile.Write(ref _failures, 0);
        }
    }

    /// <returns>Whether this failure opened the circuit.</returns>
    public bool Failed(bool missedDeadline)
    {
        var failures = Interlocked.Increment(ref _failures);
        return (missedDeadline || failures >= threshold) && Interlocked.Exchange(ref _open, 1) == 0;
    }

    /// <returns>Whether the circuit had been open.</returns>
    public bool Close()
    {
        Volatile.Write(ref _failures, 0);
        return Interlocked.Exchange(ref _open, 0) != 0;
    }
}
