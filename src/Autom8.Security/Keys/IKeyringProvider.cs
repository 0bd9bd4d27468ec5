namespace Autom8.Security.Keys;

/// <summary>Where the parts of the package take the keyring from, each time they use it. A <see cref="Keyring"/> provides itself.</summary>
public interface IKeyringProvider
{
    /// <summary>The keyring in force.</summary>
    /// <exception cref="KeyringException">The keyring is not loaded yet.</exception>
    Keyring Current { get; }
}
