namespace Autom8.Security.Passwords;

/// <summary>Bounds how many hashes run at once, and how many callers wait: without it a burst of sign-ins could take all memory.</summary>
internal sealed class PasswordGate(int concurrent, int queueLimit, TimeSpan retryAfter) : IDisposable
{
    private readonly SemaphoreSlim _turns = new(concurrent, concurrent);
    private int _inside; // running and waiting

    /// <exception cref="PasswordHashingBusyException">The queue is full.</exception>
    public async ValueTask<T> RunAsync<TState, T>(TState state, Func<TState, T> work, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _inside) > concurrent + queueLimit)
            {
                SecurityMeter.PasswordRefused();
                throw new PasswordHashingBusyException(retryAfter);
            }

            await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Not cancellable: libsodium cannot be interrupted, and the turn is kept until the memory is free again.
                return await Task.Run(() => work(state), CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public void Dispose() => _turns.Dispose();
}
