using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;
using Autom8.Security.Reencryption;
using Autom8.Security.Tokens;

namespace Autom8.Security;

/// <summary>Settings of the package, section <c>Autom8:Security</c>.</summary>
public sealed class SecurityOptions
{
    /// <summary>
    /// On SQLite: the keyring's file, outside the folder of the database. Default <c>keyring.json</c> in a folder beside the data folder that
    /// bears its name and <c>-keys</c>.
    /// </summary>
    public string? KeyringPath { get; set; }

    /// <summary>
    /// The key that wraps the keyring where it is stored: 32 random bytes in base64. Needed on PostgreSQL, optional on SQLite. Usually given as the environment
    /// variable <c>Autom8__Security__KeyEncryptionKey</c>; never put it in a settings file that is under version control.
    /// </summary>
    public string? KeyEncryptionKey { get; set; }

    /// <summary>A file that holds the key-encryption key in base64, such as a mounted secret; instead of <see cref="KeyEncryptionKey"/>.</summary>
    public string? KeyEncryptionKeyFile { get; set; }

    /// <summary>Rotation of keys, section <c>Autom8:Security:Keys</c>.</summary>
    public KeyOptions Keys { get; } = new();

    /// <summary>The cost of password hashes, section <c>Autom8:Security:Passwords</c>.</summary>
    public PasswordOptions Passwords { get; } = new();

    /// <summary>Access tokens, section <c>Autom8:Security:Tokens</c>.</summary>
    public TokenOptions Tokens { get; } = new();

    /// <summary>Refresh tokens, section <c>Autom8:Security:RefreshTokens</c>.</summary>
    public RefreshTokenOptions RefreshTokens { get; } = new();

    /// <summary>The cache of subjects' keys, section <c>Autom8:Security:SubjectKeys</c>.</summary>
    public SubjectKeyOptions SubjectKeys { get; } = new();

    /// <summary>Re-encryption in the background, section <c>Autom8:Security:Reencryption</c>.</summary>
    public ReencryptionOptions Reencryption { get; } = new();

    /// <summary>The chain of the audit log, section <c>Autom8:Security:Audit</c>.</summary>
    public AuditOptions Audit { get; } = new();

    internal IEnumerable<string> Problems() =>
        [
            .. Keys.Problems(),
            .. Passwords.Problems(),
            .. Tokens.Problems(),
            .. RefreshTokens.Problems(),
            .. SubjectKeys.Problems(),
            .. Reencryption.Problems(),
            .. Audit.Problems(),
        ];
}
