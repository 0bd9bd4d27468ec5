using System.Security.Cryptography;
using Autom8.Security.Accounts;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Security.Passwords;

/// <summary>
/// Argon2id (RFC 9106, by libsodium) over the normalised password, with the whole PHC string encrypted under the keyring's account key and bound to
/// the account: the pepper. A stolen table alone gives nothing to guess against, and a hash copied to another account does not verify.
/// </summary>
/// <remarks>Stored form: base64url of a field in format 1 (see <see cref="FieldProtector"/>) under the account key, at most 256 characters.</remarks>
public sealed class PasswordHasher : IPasswordHasher, IDisposable
{
    private static readonly Guid Nobody = new("00000000-0000-7000-8000-000000000001");

    private readonly AccountSecrets _secrets;
    private readonly PasswordOptions _options;
    private readonly PasswordGate _gate;

    /// <summary>Hashes with the keys of a keyring. The options are taken as they are: a container validates them at start.</summary>
    public PasswordHasher(IKeyringProvider keyrings, PasswordOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _secrets = new AccountSecrets(keyrings);
        _options = options;
        _gate = new PasswordGate(_options.MaxConcurrentHashes, _options.QueueLimit, _options.RetryAfter);
    }

    /// <inheritdoc/>
    public async ValueTask<string> HashAsync(Guid accountId, string password, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(password);
        Check(accountId);
        var bytes =
            PreparedPassword.TryPrepare(password)
            ?? throw new ArgumentException(
                "A password has 1 to 1024 bytes as UTF-8, no control characters and no broken surrogate pairs.",
                nameof(password)
            );
        try
        {
            var salt = RandomNumberGenerator.GetBytes(Argon2idHash.SaltLength);
            var hash = await _gate
                .RunAsync(
                    (bytes, salt, _options),
                    static s => Argon2idHash.Derive(s.bytes, s.salt, s._options.MemoryKiB, s._options.Passes),
                    cancellationToken
                )
                .ConfigureAwait(false);
            SecurityMeter.PasswordHashed("hash");
            return Seal(accountId, new Argon2idHash(_options.MemoryKiB, _options.Passes, salt, hash));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<PasswordVerdict> VerifyAsync(
        Guid accountId,
        string encoded,
        string password,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(encoded);
        ArgumentNullException.ThrowIfNull(password);
        Check(accountId);
        var stored = PasswordHashText.Parse(_secrets.Unprotect(encoded, AccountSecretColumn.PasswordHash.Of(accountId)));
        if (PreparedPassword.TryPrepare(password) is not { } bytes)
        {
            return PasswordVerdict.Wrong; // for an account that does not exist as fast
        }

        try
        {
            var right = await _gate
                .RunAsync((stored, bytes), static s => s.stored.Matches(s.bytes), cancellationToken)
                .ConfigureAwait(false);
            SecurityMeter.PasswordHashed(right ? "right" : "wrong");
            return !right ? PasswordVerdict.Wrong
                : stored.IsCurrent(_options) && _secrets.IsCurrent(encoded) ? PasswordVerdict.Right
                : PasswordVerdict.RightButRehash;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <inheritdoc/>
    public string Adopt(Guid accountId, string passwordHash)
    {
        ArgumentNullException.ThrowIfNull(passwordHash);
        Check(accountId);
        return _secrets.Protect(PasswordHashText.Adopt(passwordHash), AccountSecretColumn.PasswordHash.Of(accountId));
    }

    /// <inheritdoc/>
    public async ValueTask DummyVerifyAsync(string password, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(password);
        var hash = new Argon2idHash(
            _options.MemoryKiB,
            _options.Passes,
            RandomNumberGenerator.GetBytes(Argon2idHash.SaltLength),
            RandomNumberGenerator.GetBytes(Argon2idHash.HashLength)
        );
        await VerifyAsync(Nobody, Seal(Nobody, hash), password, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private static void Check(Guid accountId)
    {
        if (accountId == Guid.Empty)
        {
            throw new ArgumentException("A password belongs to an account.", nameof(accountId));
        }
    }

    private string Seal(Guid accountId, Argon2idHash hash) =>
        _secrets.Protect(hash.ToString(), AccountSecretColumn.PasswordHash.Of(accountId));
}
