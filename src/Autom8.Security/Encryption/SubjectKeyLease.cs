using System.Data.Common;

namespace Autom8.Security.Encryption;

/// <summary>Holds the keys of subjects in memory until it is disposed. Keep it as briefly as a database connection. For one user at a time.</summary>
/// <remarks>A small value around pooled state, so that a lease on keys that are in memory allocates nothing. Disposing it again does nothing.</remarks>
public readonly struct SubjectKeyLease : IDisposable, IEquatable<SubjectKeyLease>
{
    private readonly SubjectKeyHold? _hold;
    private readonly long _term;

    internal SubjectKeyLease(SubjectKeyHold hold)
    {
        _hold = hold;
        _term = hold.Term;
    }

    /// <summary>Saves the new keys in the caller's transaction, and makes certain of the others: that each is still the subject's key, and stays it until the
    /// transaction ends. Every write of fields that were encrypted under this lease calls it.</summary>
    /// <param name="transaction">An open transaction on the database that keeps the keys.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SubjectKeyException">A subject was shredded, or another writer made its key first: roll back.</exception>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    public ValueTask SaveAsync(DbTransaction transaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ObjectDisposedException.ThrowIf(_hold is null || _hold.Term != _term, typeof(SubjectKeyLease));
        return _hold.SaveAsync(transaction, cancellationToken);
    }

    /// <summary>Lets go of the keys. New ones that no transaction saved are wiped.</summary>
    public void Dispose() => _hold?.Release(_term);

    /// <inheritdoc/>
    public bool Equals(SubjectKeyLease other) => _hold == other._hold && _term == other._term;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SubjectKeyLease other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_hold, _term);

    /// <summary>Whether both are the same lease.</summary>
    public static bool operator ==(SubjectKeyLease left, SubjectKeyLease right) => left.Equals(right);

    /// <summary>Whether the leases differ.</summary>
    public static bool operator !=(SubjectKeyLease left, SubjectKeyLease right) => !left.Equals(right);
}
