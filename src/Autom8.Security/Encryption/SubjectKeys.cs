using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Autom8.Storage;

namespace Autom8.Security.Encryption;

/// <summary>Subject keys out of a table, through a bounded cache of unwrapped ones.</summary>
internal sealed class SubjectKeys : ISubjectKeys, IDisposable
{
    private const int MaxIdleHolds = 64;

    private readonly SubjectKeyWrapper _wrapper;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeping;
    private readonly ConcurrentQueue<SubjectKeyHold> _holds = [];
    private readonly long _lifetime;

    public SubjectKeys(ISubjectKeyStore store, SubjectKeyWrapper wrapper, SubjectKeyOptions options, TimeProvider time)
    {
        Store = store;
        Cache = new SubjectKeyCache(options.CacheCapacity);
        _wrapper = wrapper;
        _time = time;
        _lifetime = (long)(options.CacheDuration.TotalSeconds * time.TimestampFrequency);
        _sweeping = time.CreateTimer(
            static keys => ((SubjectKeys)keys!).Cache.Sweep(((SubjectKeys)keys)._time.GetTimestamp()),
            this,
            options.CacheDuration,
            options.CacheDuration
        );
    }

    public ISubjectKeyStore Store { get; }

    public SubjectKeyCache Cache { get; }

    public ValueTask<SubjectKeyLease> ReadAsync(ReadOnlyMemory<Guid> subjects, CancellationToken cancellationToken = default) =>
        HoldAsync(subjects, create: false, cancellationToken);

    public ValueTask<SubjectKeyLease> ReadOrCreateAsync(ReadOnlyMemory<Guid> subjects, CancellationToken cancellationToken = default) =>
        HoldAsync(subjects, create: true, cancellationToken);

    /// <summary>Holds the keys of subjects as the caller's transaction sees them, read on its own connection, and makes one for each that has none.</summary>
    /// <remarks>What it read may be gone with the transaction: so it is kept only as long as it is held, and written by each lease that relies on it.</remarks>
    internal async ValueTask<SubjectKeyLease> ReadOrCreateAsync(
        ReadOnlyMemory<Guid> subjects,
        DbTransaction transaction,
        CancellationToken cancellationToken
    )
    {
        var hold = TakeHold();
        // A key that another writer has made and not saved yet may not be the one that this transaction has.
        if (PinPresent(subjects.Span, hold, onlySaved: true) is not { } missing)
        {
            return new SubjectKeyLease(hold);
        }

        try
        {
            missing.ForEach(Check);
            var validUntil = ValidUntil();
            var rows = await Store.LockAsync(missing, transaction, cancellationToken).ConfigureAwait(false);
            foreach (var row in rows)
            {
                hold.Add(Cache.Add(Open(row, isSaved: false, validUntil), validUntil, generations: null)!);
            }

            Create([.. missing.Except(rows.Select(row => row.Subject))], hold);
            return new SubjectKeyLease(hold);
        }
        catch
        {
            hold.Release(hold.Term);
            throw;
        }
    }

    public SubjectKeyLease Create(ReadOnlySpan<Guid> subjects)
    {
        foreach (var subject in subjects)
        {
            Check(subject);
        }

        var hold = TakeHold();
        try
        {
            Create(subjects, hold);
        }
        catch
        {
            hold.Release(hold.Term);
            throw;
        }

        return new SubjectKeyLease(hold);
    }

    public async ValueTask<bool> ShredAsync(Guid subject, CancellationToken cancellationToken = default)
    {
        Check(subject);
        try
        {
            return await Store.ShredAsync(subject, _time.GetUtcTimestamp(), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Also when it failed: a commit may succeed and its answer be lost.
            Cache.Forget(subject);
        }
    }

    public async ValueTask<bool> ShredAsync(Guid subject, DbTransaction transaction, CancellationToken cancellationToken = default)
    {
        Check(subject);
        ArgumentNullException.ThrowIfNull(transaction);
        var existed = await Store.ShredAsync(subject, _time.GetUtcTimestamp(), transaction, cancellationToken).ConfigureAwait(false);
        Cache.Forget(subject);
        return existed;
    }

    public void Forget(Guid subject) => Cache.Forget(subject);

    /// <summary>Begins a use of a subject's key that is in memory, or tells why it cannot be used. End it with <see cref="SubjectKeyCache.EndUse"/>.</summary>
    public bool TryBeginUse(
        Guid subject,
        [NotNullWhen(true)] out SubjectKey? key,
        [NotNullWhen(false)] out FieldProtectionFailure? failure
    ) => Cache.TryBeginUse(subject, _time.GetTimestamp(), out key, out failure);

    /// <summary>Wipes every key. Nothing may be in use.</summary>
    public void Dispose()
    {
        _sweeping.Dispose();
        Cache.Clear();
    }

    internal void Reuse(SubjectKeyHold hold)
    {
        if (_holds.Count < MaxIdleHolds)
        {
            _holds.Enqueue(hold);
        }
    }

    private ValueTask<SubjectKeyLease> HoldAsync(ReadOnlyMemory<Guid> subjects, bool create, CancellationToken cancellationToken)
    {
        var hold = TakeHold();
        return PinPresent(subjects.Span, hold, onlySaved: false) is { } missing
            ? ReadMissingAsync(missing, hold, create, cancellationToken)
            : ValueTask.FromResult(new SubjectKeyLease(hold));
    }

    // Those that are in memory; returns the others.
    private List<Guid>? PinPresent(ReadOnlySpan<Guid> subjects, SubjectKeyHold hold, bool onlySaved)
    {
        var now = _time.GetTimestamp();
        List<Guid>? missing = null;
        foreach (var subject in subjects)
        {
            if (Cache.TryPin(subject, now, out var key))
            {
                if (key.IsSaved || !onlySaved)
                {
                    hold.Add(key);
                    continue;
                }

                Cache.Unpin(key);
            }

            (missing ??= []).Add(subject);
        }

        return missing;
    }

    private async ValueTask<SubjectKeyLease> ReadMissingAsync(
        List<Guid> missing,
        SubjectKeyHold hold,
        bool create,
        CancellationToken cancellationToken
    )
    {
        try
        {
            missing.ForEach(Check);
            while (missing.Count > 0)
            {
                // Before the rows are read: from here on they may change.
                var (generations, validUntil) = (Cache.Generations(), ValidUntil());
                var rows = await Store.ReadAsync(missing, cancellationToken).ConfigureAwait(false);
                if (create && rows.Count < missing.Count)
                {
                    Create([.. missing.Except(rows.Select(row => row.Subject))], hold);
                }

                missing = [];
                foreach (var row in rows)
                {
                    if (Cache.Add(Open(row, isSaved: true, validUntil), validUntil, generations) is { } key)
                    {
                        hold.Add(key);
                    }
                    else
                    {
                        missing.Add(row.Subject);
                    }
                }
            }

            return new SubjectKeyLease(hold);
        }
        catch
        {
            hold.Release(hold.Term);
            throw;
        }
    }

    private SubjectKey Open(StoredSubjectKey row, bool isSaved, long validUntil)
    {
        Span<byte> dataKey = stackalloc byte[AesGcmKey.KeyLength];
        try
        {
            return _wrapper.Unwrap(row, dataKey) is { } failure
                ? new SubjectKey(row, failure, validUntil)
                : new SubjectKey(row, dataKey, isSaved, validUntil);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    private void Create(ReadOnlySpan<Guid> subjects, SubjectKeyHold hold)
    {
        var now = _time.GetUtcTimestamp();
        var validUntil = ValidUntil();
        Span<byte> dataKey = stackalloc byte[AesGcmKey.KeyLength];
        foreach (var subject in subjects)
        {
            RandomNumberGenerator.Fill(dataKey);
            var made = new SubjectKey(_wrapper.Wrap(subject, dataKey, now), dataKey, isSaved: false, validUntil);
            CryptographicOperations.ZeroMemory(dataKey);
            hold.Add(Cache.AddNew(made));
        }
    }

    private long ValidUntil() => _time.GetTimestamp() + _lifetime;

    private SubjectKeyHold TakeHold() => _holds.TryDequeue(out var hold) ? hold : new SubjectKeyHold(this);

    private static void Check(Guid subject)
    {
        if (subject == Guid.Empty)
        {
            throw new ArgumentException("A subject has an id.", nameof(subject));
        }
    }
}
