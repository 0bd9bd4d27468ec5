using System.Collections.Concurrent;

namespace Autom8.Security.Accounts;

/// <summary>
/// The epochs of the accounts that are at work, remembered so that a request need not ask the database. Once a second, by whichever request comes first, the database is asked for one number,
/// which rises with every change of any epoch: while it stands still all that is remembered holds, and when it has risen nothing does.
/// </summary>
/// <remarks>
/// A change made through this process is seen at once, one by another node within a second. A database that does not answer is lived without for half a minute; then nobody is let in.
/// </remarks>
internal sealed class AccountEpochs(IEpochSource store, TimeProvider time)
{
    // An entry is some 100 bytes. Only ids from tokens that verified are asked for, so that a stranger cannot fill it.
    private const int Capacity = 100_000;

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly Lock changing = new();
    private ConcurrentDictionary<Guid, long?> epochs = [];
    private long version;
    private long heardAt;
    private volatile bool heard;
    private Task? asking;
    private long askedAt;
    private Exception? failure;

    /// <summary>The epoch of an active account, or null.</summary>
    /// <exception cref="EpochsUnknownException">The database has not answered for half a minute; or does not answer, and nothing is remembered of the account.</exception>
    public ValueTask<long?> CurrentAsync(Guid id, CancellationToken ct) =>
        heard && Silence() < MaxAge && Volatile.Read(ref epochs).TryGetValue(id, out var epoch)
            ? ValueTask.FromResult(epoch)
            : FindAsync(id, ct);

    /// <summary>To be called after an account has changed through this process, or may have.</summary>
    public void Forget()
    {
        lock (changing)
        {
            // A reading that is under way fills the old one.
            Volatile.Write(ref epochs, []);
        }
    }

    private async ValueTask<long?> FindAsync(Guid id, CancellationToken ct)
    {
        if (!heard || Silence() >= MaxAge)
        {
            await ListenAsync(ct).ConfigureAwait(false);
        }

        var remembered = Volatile.Read(ref epochs);
        if (remembered.TryGetValue(id, out var epoch))
        {
            return epoch;
        }

        epoch = await AccountOutage
            .AskAsync((store, id), static (s, token) => s.store.EpochAsync(s.id, token), time, ct)
            .ConfigureAwait(false);
        if (remembered.Count >= Capacity)
        {
            remembered.Clear();
        }

        remembered[id] = epoch;
        return epoch;
    }

    // Nobody waits long for a database that does not answer while what it last said may still be relied upon, and never without an end.
    private async ValueTask ListenAsync(CancellationToken ct)
    {
        var (answer, since) = Ask();
        var patience = (heard && Silence() < MaxSilence ? Patience : AccountOutage.Patience) - time.GetElapsedTime(since);
        if (patience > TimeSpan.Zero && !answer.IsCompleted)
        {
            using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
            await Task.WhenAny(answer, Task.Delay(patience, time, done.Token)).ConfigureAwait(false);
            await done.CancelAsync().ConfigureAwait(false);
            ct.ThrowIfCancellationRequested();
        }

        if (!heard || Silence() >= MaxSilence)
        {
            throw new EpochsUnknownException(heard ? Silence() : MaxSilence, failure);
        }
    }

    private (Task Answer, long Since) Ask()
    {
        lock (changing)
        {
            if (asking is not { IsCompleted: false })
            {
                askedAt = time.GetTimestamp();
                asking = AskAsync(askedAt);
            }

            return (asking, askedAt);
        }
    }

    // Does not throw: what went wrong is told to those who can no longer do without.
    private async Task AskAsync(long begin)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the lock
        try
        {
            var current = await store.ChangesAsync(CancellationToken.None).ConfigureAwait(false);
            lock (changing)
            {
                if (current != version)
                {
                    version = current;
                    Volatile.Write(ref epochs, []);
                }

                Volatile.Write(ref heardAt, begin);
                heard = true;
                failure = null;
            }
        }
        catch (Exception e)
        {
            failure = e;
        }
    }

    private TimeSpan Silence() => time.GetElapsedTime(Volatile.Read(ref heardAt));
}
