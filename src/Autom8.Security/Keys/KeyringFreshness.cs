namespace Autom8.Security.Keys;

/// <summary>
/// How long ago this node last read the stored keyring, and whether that is too long for making anything with it. A keyring that others may change is known for the publish delay after a refresh: a key
/// that is stored later becomes active only after that, and whatever it replaces is retired later still. Beyond that time the active key may be any.
/// </summary>
/// <remarks>
/// <para>Counted by the monotonic clock from before the store was asked. It begins to count against the node once something keeps the keyring fresh: a command or a test that loads it once does what it
/// does at once.</para>
/// <para>Safe for concurrent use; asking takes no lock.</para>
/// </remarks>
/// <param name="limit">How old the last refresh may be; infinite where nobody else changes the keyring.</param>
/// <param name="retryAfter">When the next refresh is due.</param>
/// <param name="time">The clock.</param>
internal sealed class KeyringFreshness(TimeSpan limit, TimeSpan retryAfter, TimeProvider time)
{
    private long _refreshedAt = time.GetTimestamp();
    private volatile bool _isKept;

    /// <summary>Time since the last refresh that succeeded began.</summary>
    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _refreshedAt));

    /// <summary>Whether nothing may be made.</summary>
    public bool IsStale => _isKept && limit != Timeout.InfiniteTimeSpan && Age > limit;

    /// <summary>The present, to be handed to <see cref="Refreshed"/> once the store has answered.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>From now on somebody refreshes the keyring regularly.</summary>
    public void Keep() => _isKept = true;

    /// <summary>The store answered, and the keyring in force is the stored one.</summary>
    /// <param name="askedAt"><see cref="Now"/> before it was asked.</param>
    public void Refreshed(long askedAt)
    {
        // Two may be under way at once, and the older one may end last.
        var known = Volatile.Read(ref _refreshedAt);
        while (askedAt > known)
        {
            var seen = Interlocked.CompareExchange(ref _refreshedAt, askedAt, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }

    /// <summary>Refuses to make anything that outlives the day.</summary>
    /// <exception cref="KeyringStaleException">The last refresh is too long ago.</exception>
    public void Demand(KeyPurpose purpose)
    {
        // Cache entries and cursors belong to reading, which goes on; a node that takes another key for theirs does not find them, and no more.
        if (IsStale && purpose is not (KeyPurpose.Cache or KeyPurpose.Cursor))
        {
            throw new KeyringStaleException(purpose, Age, retryAfter);
        }
    }
}
