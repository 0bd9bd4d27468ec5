using System.Data.Common;

namespace Autom8.Security.Accounts;

/// <summary>Asks the accounts' database on behalf of a request that cannot go on without: not for ever, and a database that fails is an outage, which passes, rather than a failure of ours.</summary>
internal static class AccountOutage
{
    /// <summary>How long an answer is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="EpochsUnknownException">It failed, or did not answer in time.</exception>
    public static async ValueTask<T> AskAsync<TState, T>(
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> question,
        TimeProvider time,
        CancellationToken ct
    )
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            // A driver may take its time to notice that it was cancelled.
            return await question(state, either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOutage(e) && !ct.IsCancellationRequested)
        {
            throw new EpochsUnknownException(e);
        }
    }

    private static bool IsOutage(Exception error) => error is DbException or TimeoutException or IOException or OperationCanceledException;
}
