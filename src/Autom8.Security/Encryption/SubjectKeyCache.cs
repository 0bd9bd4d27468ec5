using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Autom8.Security.Encryption;

/// <summary>
/// Unwrapped keys by subject, bounded by the clock algorithm (Corbató, 1968): a hand goes round the slots, spares a key that was used since it last passed, and evicts
/// the first that was not. A key that is held is never evicted; one that finds no slot stays as long as somebody holds it, and no longer.
/// </summary>
/// <remarks>Safe for concurrent use. Looking up and using a key takes no lock and allocates nothing.</remarks>
internal sealed class SubjectKeyCache(int capacity)
{
    // How many slots the hand may pass for one new key. It spares each used key once, so that the next call finds them unused.
    private const int MaxSteps = 256;

    private const int Stripes = 64;

    private readonly ConcurrentDictionary<Guid, SubjectKey> _keys = new();
    private readonly SubjectKey?[] _slots = new SubjectKey?[capacity];
    private readonly Lock _clock = new();
    private readonly long[] _forgotten = new long[Stripes];
    private int _hand;

    /// <summary>How often a key of each stripe of subjects was forgotten, until now: whoever read the table before a change of it may not bring what he read.</summary>
    public long[] Generations()
    {
        var generations = new long[Stripes];
        for (var stripe = 0; stripe < Stripes; stripe++)
        {
            generations[stripe] = Volatile.Read(ref _forgotten[stripe]);
        }

        return generations;
    }

    /// <summary>How many keys are in memory.</summary>
    public int Count => _keys.Count;

    /// <summary>Pins the key of a subject, if it is here and was read recently enough.</summary>
    public bool TryPin(Guid subject, long now, [NotNullWhen(true)] out SubjectKey? key)
    {
        if (!_keys.TryGetValue(subject, out key) || !key.IsFresh(now) || !key.TryPin())
        {
            key = null;
            return false;
        }

        Touch(key);
        return true;
    }

    /// <summary>Begins a use of the key of a subject, or tells why there is none. End it with <see cref="EndUse"/>.</summary>
    public bool TryBeginUse(
        Guid subject,
        long now,
        [NotNullWhen(true)] out SubjectKey? key,
        [NotNullWhen(false)] out FieldProtectionFailure? failure
    )
    {
        if (_keys.TryGetValue(subject, out key) && key.TryBeginUse(now))
        {
            failure = key.Failure;
            if (failure is null)
            {
                Touch(key);
                return true;
            }

            EndUse(key);
        }
        else
        {
            failure = FieldProtectionFailure.UnknownKey;
        }

        key = null;
        return false;
    }

    public void EndUse(SubjectKey key)
    {
        if (key.EndUse())
        {
            DropIfTransient(key);
        }
    }

    public void Unpin(SubjectKey key)
    {
        if (key.Unpin())
        {
            DropIfTransient(key);
        }
    }

    /// <summary>Adds a key, pinned, unless the same key is here: then that one is pinned. Another key of the subject gives way.</summary>
    /// <param name="key">Pinned once; retired when it is not the one that is returned.</param>
    /// <param name="validUntil">Until when the row may be relied on.</param>
    /// <param name="generations">The <see cref="Generations"/> before the table was read; null for a row that a transaction has locked, which may yet be rolled back: its key is never kept.</param>
    /// <returns>Null when the subject's key was forgotten since: what was read may be no more, and has to be read again.</returns>
    public SubjectKey? Add(SubjectKey key, long validUntil, long[]? generations)
    {
        key.IsTransient = !key.IsSaved || key.Failure is not (null or FieldProtectionFailure.Shredded);
        while (!IsOutOfDate(key.Subject, generations))
        {
            if (_keys.TryGetValue(key.Subject, out var present))
            {
                if (present.Failure == key.Failure && present.Row.IsSameKey(key.Row) && present.TryPin())
                {
                    // What was forgotten meanwhile may be this key: then it is as old as it was.
                    if (generations is not null && !IsOutOfDate(key.Subject, generations))
                    {
                        present.Renew(validUntil);
                    }

                    key.Retire();
                    return present;
                }

                Remove(present);
            }
            else if (_keys.TryAdd(key.Subject, key))
            {
                if (!key.IsTransient)
                {
                    TakeSlot(key);
                }

                // Forget either saw the key in the dictionary, or counted before this line.
                if (IsOutOfDate(key.Subject, generations))
                {
                    break;
                }

                return key;
            }
        }

        Remove(key);
        return null;
    }

    /// <summary>Adds a key that was just made, pinned, unless the subject has one here, saved or not: then that one is pinned, so that the writers of a process agree.</summary>
    /// <inheritdoc cref="Add"/>
    public SubjectKey AddNew(SubjectKey key)
    {
        key.IsTransient = true;
        while (!_keys.TryAdd(key.Subject, key))
        {
            if (_keys.TryGetValue(key.Subject, out var present))
            {
                if (present.TryPin())
                {
                    key.Retire();
                    return present;
                }

                Remove(present);
            }
        }

        return key;
    }

    /// <summary>Wipes the key of a subject as soon as the uses that have begun have ended.</summary>
    public void Forget(Guid subject)
    {
        Interlocked.Increment(ref _forgotten[StripeOf(subject)]);
        if (_keys.TryGetValue(subject, out var key))
        {
            Remove(key);
        }
    }

    /// <summary>Wipes every key that was not read recently enough and is not held.</summary>
    public void Sweep(long now)
    {
        foreach (var (_, key) in _keys)
        {
            if (!key.IsFresh(now) && key.TryRetireIdle())
            {
                Remove(key);
            }
        }
    }

    /// <summary>Wipes everything.</summary>
    public void Clear()
    {
        for (var stripe = 0; stripe < Stripes; stripe++)
        {
            Interlocked.Increment(ref _forgotten[stripe]);
        }

        foreach (var (_, key) in _keys)
        {
            Remove(key);
        }
    }

    private static int StripeOf(Guid subject) => (int)((uint)subject.GetHashCode() % Stripes);

    private bool IsOutOfDate(Guid subject, long[]? generations) =>
        generations is not null && generations[StripeOf(subject)] != Volatile.Read(ref _forgotten[StripeOf(subject)]);

    private static void Touch(SubjectKey key)
    {
        // Written only when it changes: the line of memory stays shared between the processors that read it.
        if (!key.IsReferenced)
        {
            key.IsReferenced = true;
        }
    }

    private void DropIfTransient(SubjectKey key)
    {
        if (key.IsTransient && key.TryRetireIdle())
        {
            Remove(key);
        }
    }

    private void Remove(SubjectKey key)
    {
        // Retired first: whoever finds another key of the subject here can rely on this one being retired, and SaveAsync does.
        key.Retire();
        _keys.TryRemove(new KeyValuePair<Guid, SubjectKey>(key.Subject, key));
    }

    private void TakeSlot(SubjectKey key)
    {
        lock (_clock)
        {
            for (var step = 0; step < MaxSteps; step++)
            {
                ref var slot = ref _slots[_hand];
                _hand = _hand + 1 == _slots.Length ? 0 : _hand + 1;
                if (slot is null || slot.IsRetired || TryEvict(slot))
                {
                    slot = key;
                    return;
                }
            }
        }

        key.IsTransient = true;
    }

    private bool TryEvict(SubjectKey key)
    {
        if (key.IsReferenced)
        {
            key.IsReferenced = false;
            return false;
        }

        if (!key.TryRetireIdle())
        {
            return false;
        }

        Remove(key);
        return true;
    }
}
