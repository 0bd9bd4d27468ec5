namespace Autom8.Security.Keys;

/// <summary>Where the keyring is kept, and the check that ties it to the database.</summary>
internal interface IKeyringStore
{
    /// <summary>Loads the keyring, or creates it beside a database that has never had one. A created keyring is durable when this returns.</summary>
    /// <exception cref="KeyringException">Missing, damaged, not readable, or not the database's.</exception>
    ValueTask<Keyring> LoadOrCreateAsync(CancellationToken cancellationToken);
}

/// <summary>A keyring that the application made and keeps itself.</summary>
internal sealed class GivenKeyring(Keyring keyring) : IKeyringStore
{
    public ValueTask<Keyring> LoadOrCreateAsync(CancellationToken cancellationToken) => ValueTask.FromResult(keyring);
}
