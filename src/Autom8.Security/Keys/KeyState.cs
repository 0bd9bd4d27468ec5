namespace Autom8.Security.Keys;

/// <summary>The life of a key: Pending, Active, VerifyOnly, Retired, Destroyed. A key moves forward only.</summary>
/// <remarks>Pending, Active and VerifyOnly are the <em>live</em> states: what was made with such a key is accepted.</remarks>
public enum KeyState
{
    /// <summary>Published to every node, so that all accept it, but not yet used to make anything.</summary>
    Pending,

    /// <summary>Signs, encrypts and indexes. A keyring has exactly one active key of each purpose.</summary>
    Active,

    /// <summary>Verifies and decrypts what it made earlier; makes nothing new.</summary>
    VerifyOnly,

    /// <summary>No longer accepted; its material is kept for a recovery.</summary>
    Retired,

    /// <summary>The material is gone; the id remains, so that a stray ciphertext can be told from a forged one.</summary>
    Destroyed,
}
