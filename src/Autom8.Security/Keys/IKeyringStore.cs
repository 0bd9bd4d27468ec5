using Autom8.Security.Audit;

namespace Autom8.Security.Keys;

/// <summary>A keyring as it is stored: with the envelope it is wrapped in, or without one.</summary>
internal sealed record StoredKeyring(Keyring Keyring, KeyringEnvelope? Envelope)
{
    public StoredKeyring With(IReadOnlyCollection<KeyringKey> keys) => this with { Keyring = Keyring.With(keys) };
}

/// <summary>Where the keyring is kept, and the check that ties it to the database.</summary>
internal interface IKeyringStore
{
    /// <summary>Whether other nodes may change the keyring.</summary>
    bool IsShared { get; }

    /// <summary>The key-encryption key that was given, if one was.</summary>
    IKeyEncryptionKey? KeyEncryptionKey { get; }

    /// <summary>Loads the keyring, or creates it beside a database that has never had one. A created keyring is durable when this returns.</summary>
    /// <exception cref="KeyringException">Missing, damaged, not readable, or not the database's.</exception>
    ValueTask<StoredKeyring> LoadOrCreateAsync(CancellationToken cancellationToken);

    /// <summary>The revision of what is stored now; quick, to be asked often.</summary>
    ValueTask<long> RevisionAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores a keyring in place of another together with what the audit log says of it; false, and nothing done, when what is stored is no longer that other one.
    /// A crash at any point leaves either of the two, whole.
    /// </summary>
    ValueTask<bool> TryReplaceAsync(
        StoredKeyring before,
        StoredKeyring after,
        IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken
    );

    /// <summary>Brings to an end what a crash interrupted. Called once the keyring that was loaded is in force, since it may write to the audit log.</summary>
    ValueTask SettleAsync(CancellationToken cancellationToken);

    /// <summary>Stores a keyring that was recovered from an escrow, wrapped by the key-encryption key that is given.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="acceptOlder">Asked when the database was last written with other keys than these: throws when they will not do.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="KeyringException">The database belongs to another keyring, or has a newer one that can be read; nothing was changed.</exception>
    ValueTask RecoverAsync(Keyring keyring, Func<CancellationToken, ValueTask> acceptOlder, CancellationToken cancellationToken);
}

/// <summary>A keyring that the application made and keeps itself.</summary>
internal sealed class GivenKeyring(Keyring keyring) : IKeyringStore
{
    public bool IsShared => false;

    public IKeyEncryptionKey? KeyEncryptionKey => null;

    public ValueTask<StoredKeyring> LoadOrCreateAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(new StoredKeyring(keyring, null));

    public ValueTask<long> RevisionAsync(CancellationToken cancellationToken) => ValueTask.FromResult(keyring.Revision);

    public ValueTask<bool> TryReplaceAsync(
        StoredKeyring before,
        StoredKeyring after,
        IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken
    ) => throw KeptByTheApplication();

    public ValueTask SettleAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask RecoverAsync(Keyring keyring, Func<CancellationToken, ValueTask> acceptOlder, CancellationToken cancellationToken) =>
        throw KeptByTheApplication();

    private static KeyringException KeptByTheApplication() =>
        new("The application keeps this keyring itself (UseKeyring), so it cannot be changed here. Use UseSqlite or UsePostgreSql.");
}
