using Autom8.Security.Encryption;

namespace Autom8.Security.Passwords;

/// <summary>Hashes and verifies passwords. Safe for concurrent use; the work runs off the caller's thread and its memory is bounded.</summary>
public interface IPasswordHasher
{
    /// <summary>Hashes a password for an account. The text to store is encrypted under the keyring and bound to the account.</summary>
    /// <param name="accountId">The account, not <see cref="Guid.Empty"/>. The hash verifies for this account only.</param>
    /// <param name="password">1 to 1024 bytes as UTF-8 after normalisation; no control characters.</param>
    /// <param name="cancellationToken">Gives up while waiting for a turn; a hash that runs is finished.</param>
    /// <exception cref="ArgumentException">The account or the password is not acceptable; the message does not show the password.</exception>
    /// <exception cref="PasswordHashingBusyException">Too many callers wait already.</exception>
    ValueTask<string> HashAsync(Guid accountId, string password, CancellationToken cancellationToken = default);

    /// <summary>Verifies a password in constant time. A password that could never have been set is <see cref="PasswordVerdict.Wrong"/>.</summary>
    /// <exception cref="FieldProtectionException">The stored text is damaged, belongs to another account, or its key is not in the keyring.</exception>
    /// <exception cref="PasswordHashException">The stored hash has parameters that cannot be computed here; the message names them.</exception>
    /// <exception cref="PasswordHashingBusyException">Too many callers wait already.</exception>
    /// <inheritdoc cref="HashAsync"/>
    ValueTask<PasswordVerdict> VerifyAsync(Guid accountId, string encoded, string password, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes over a hash from elsewhere: encrypted and bound to the account like one made here. It verifies as <see cref="PasswordVerdict.RightButRehash"/>, so that the first
    /// sign-in replaces it.
    /// </summary>
    /// <param name="accountId">The account, not <see cref="Guid.Empty"/>.</param>
    /// <param name="passwordHash">An Argon2id PHC string with one lane, or the base64 of an ASP.NET Core Identity hash of format version 3 (PBKDF2).</param>
    /// <exception cref="PasswordHashException">It cannot be computed here; the message names the parameter.</exception>
    string Adopt(Guid accountId, string passwordHash);

    /// <summary>Does the work of a verification for an account that does not exist, so that the time taken does not tell.</summary>
    /// <exception cref="PasswordHashingBusyException">Too many callers wait already.</exception>
    ValueTask DummyVerifyAsync(string password, CancellationToken cancellationToken = default);
}

/// <summary>The outcome of a verification.</summary>
public enum PasswordVerdict
{
    /// <summary>Not the password.</summary>
    Wrong,

    /// <summary>The password, hashed with the settings and the key in force.</summary>
    Right,

    /// <summary>The password, but hashed with other settings or an older key: hash it again now, while it is at hand, and store that.</summary>
    RightButRehash,
}
