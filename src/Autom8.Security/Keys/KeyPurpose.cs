namespace Autom8.Security.Keys;

/// <summary>What a key is for. A key serves one purpose only, and its <see cref="KeyId"/> depends on it.</summary>
public enum KeyPurpose
{
    /// <summary>Signs access tokens, by the algorithm that the key has.</summary>
    TokenSigning,

    /// <summary>Root of the AES-256-GCM keys that encrypt single fields of rows.</summary>
    FieldEncryption,

    /// <summary>Root of the HMAC-SHA-256 keys of blind indexes.</summary>
    BlindIndex,

    /// <summary>Seals audit entries.</summary>
    Audit,

    /// <summary>Seals what is kept in a shared cache, and hides the names it is kept under.</summary>
    Cache,

    /// <summary>Authenticates paging cursors that travel through clients.</summary>
    Cursor,

    /// <summary>Encrypts what belongs to an account: password hashes above all (the pepper).</summary>
    AccountSecret,

    /// <summary>Derives the successors of refresh tokens and the hashes they are stored as.</summary>
    Refresh,

    /// <summary>Encrypts backups.</summary>
    Backup,
}
