namespace Autom8.Security.Encryption;

/// <summary>
/// The key of a subject in memory, or the knowledge why there is none. It counts who holds it: a <em>pin</em> keeps it from being evicted, a <em>use</em> keeps it from
/// being wiped. Once retired it serves nobody new, and the last use to end wipes it.
/// </summary>
/// <remarks>One word holds all of it, so that each step is one atomic instruction: retired in the sign, pins in the 31 bits below, uses in the low 32.</remarks>
#pragma warning disable CA1001 // disposed of by its own counts: see Wipe
internal sealed class SubjectKey
#pragma warning restore CA1001
{
    private const long Use = 1;
    private const long Pin = 1L << 32;
    private const long Retired = long.MinValue;

    private readonly AesGcmKey? _cipher;
    private long _state;
    private long _validUntil;
    private int _wiped;

    /// <summary>A key that works, pinned once.</summary>
    public SubjectKey(StoredSubjectKey row, ReadOnlySpan<byte> dataKey, bool isSaved, long validUntil)
    {
        Row = row;
        IsSaved = isSaved;
        _cipher = new AesGcmKey(dataKey);
        (_state, _validUntil) = (Pin, validUntil);
    }

    /// <summary>A key that cannot be had, pinned once.</summary>
    public SubjectKey(StoredSubjectKey row, FieldProtectionFailure failure, long validUntil)
    {
        Row = row;
        IsSaved = true;
        Failure = failure;
        (_state, _validUntil) = (Pin, validUntil);
    }

    public Guid Subject => Row.Subject;

    /// <summary>The row as it was read, or as it will be written.</summary>
    public StoredSubjectKey Row { get; }

    /// <summary>Whether the row came from the table. One that did not is written by each lease that relies on it.</summary>
    public bool IsSaved { get; }

    /// <summary>Why nothing can be encrypted or decrypted with it; null when it works.</summary>
    public FieldProtectionFailure? Failure { get; }

    /// <summary>Whether it leaves the cache with its last pin: it is not saved, does not work, or found no room. Written before others see the key.</summary>
    public bool IsTransient { get; set; }

    /// <summary>Whether it was used since the hand of the clock last passed. A race on it costs one turn.</summary>
    public bool IsReferenced { get; set; }

    public bool IsRetired => Volatile.Read(ref _state) < 0;

    private bool IsPinned => Volatile.Read(ref _state) >= Pin;

    public bool IsFresh(long now) => now < Volatile.Read(ref _validUntil);

    public void Renew(long validUntil) => Volatile.Write(ref _validUntil, validUntil);

    /// <summary>Keeps it in the cache until <see cref="Unpin"/>.</summary>
    public bool TryPin()
    {
        if (Interlocked.Add(ref _state, Pin) > 0)
        {
            return true;
        }

        Interlocked.Add(ref _state, -Pin);
        return false;
    }

    /// <returns>Whether nothing holds it any more.</returns>
    public bool Unpin() => Interlocked.Add(ref _state, -Pin) == 0;

    /// <summary>Begins a use: of a key that is retired, or neither pinned nor fresh, there is none.</summary>
    public bool TryBeginUse(long now)
    {
        if (Interlocked.Add(ref _state, Use) > 0 && (IsPinned || IsFresh(now)))
        {
            return true;
        }

        EndUse();
        return false;
    }

    /// <returns>Whether nothing holds it any more.</returns>
    public bool EndUse()
    {
        var state = Interlocked.Add(ref _state, -Use);
        if (state < 0 && (uint)state == 0)
        {
            Wipe();
        }

        return state == 0;
    }

    /// <summary>The cipher, for a use that was begun.</summary>
    public AesGcmKey Cipher => _cipher!;

    /// <summary>Ends its life now; uses that have begun go on to their end.</summary>
    public void Retire()
    {
        if ((uint)Interlocked.Or(ref _state, Retired) == 0)
        {
            Wipe();
        }
    }

    /// <summary>Ends its life if nothing holds it.</summary>
    public bool TryRetireIdle()
    {
        if (Interlocked.CompareExchange(ref _state, Retired, 0) != 0)
        {
            return false;
        }

        Wipe();
        return true;
    }

    /// <summary>Whether the key is gone from memory.</summary>
    internal bool IsWiped => Volatile.Read(ref _wiped) != 0;

    private void Wipe()
    {
        if (Interlocked.Exchange(ref _wiped, 1) == 0)
        {
            _cipher?.Dispose();
        }
    }
}
