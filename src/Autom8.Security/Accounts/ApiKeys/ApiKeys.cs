using System.Security.Cryptography;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;

namespace Autom8.Security.Accounts;

/// <summary>
/// API keys for programs and app passwords for devices: 256 random bits, shown once, kept as keyed hashes. A key acts for its owner, within the roles and scopes
/// it was given and those of the roles that the owner still has; it ends with the owner's account, within a second.
/// </summary>
/// <remarks>
/// <para>Safe for use by any number of threads and nodes on one database. What was verified is remembered for one second; a change made through this
/// process is seen at once.</para>
/// <para>A change of the owner's password does not end them: a program need not learn of it. Whoever has lost a key revokes that key.</para>
/// </remarks>
public sealed class ApiKeys
{
    /// <summary>How many keys an account may have: 100.</summary>
    public const int MostPerAccount = 100;

    private const string KeyPrefix = "a8k_";
    private const string PasswordPrefix = "a8p_";
    private const int MaxName = 64;

    private static readonly TimeSpan MinLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(5 * 366);
    private static readonly TimeSpan UseResolution = TimeSpan.FromMinutes(1);

    private readonly IApiKeyStore store;
    private readonly AccountService accounts;
    private readonly KeyedHash hashes;
    private readonly TimeProvider time;
    private readonly ApiKeyMemory memory;

    internal ApiKeys(IApiKeyStore store, AccountService accounts, IKeyringProvider keyrings, TimeProvider time)
    {
        this.store = store;
        this.accounts = accounts;
        this.time = time;
        hashes = new KeyedHash(keyrings, KeyPurpose.AccountSecret, "autom8/api-key/v1/hash");
        memory = new ApiKeyMemory(time);
    }

    /// <summary>Whether a key may have this name: 1 to 64 characters, none of them a control character.</summary>
    public static bool IsValidName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= MaxName
            && !string.IsNullOrWhiteSpace(name)
            && !name.Any(char.IsControl)
            && WellFormed.TryNormalize(name, out _);
    }

    /// <summary>Whether a key may be good for so long: a minute to five years, or without end.</summary>
    public static bool IsValidLifetime(TimeSpan? lifetime) => lifetime is not { } given || (given >= MinLifetime && given <= MaxLifetime);

    /// <summary>Makes a key.</summary>
    /// <returns>The key with its secret; or null when the owner is disabled or gone, lacks one of the roles, or has 100 keys already.</returns>
    /// <exception cref="ArgumentException">Name, roles, scopes or lifetime are not valid.</exception>
    public async ValueTask<NewApiKey?> CreateAsync(Guid accountId, ApiKeyRequest request, AuditActor actor, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        var roles = AccountRoles.Checked(request.Roles);
        if (
            await accounts.GetAsync(accountId, ct).ConfigureAwait(false) is not { State: AccountState.Active } owner
            || roles.Except(owner.Roles, StringComparer.Ordinal).Any()
        )
        {
            return null;
        }

        var now = time.GetUtcTimestamp();
        var key = new ApiKey(
            Guid.CreateVersion7(now),
            accountId,
            request.Kind,
            request.Name,
            roles,
            [.. request.Scopes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            now,
            now + request.Lifetime,
            LastUsedAt: null
        );
        var secret = RandomNumberGenerator.GetBytes(OpaqueSecret.Length);
        var active = hashes.Active;
        var stored = new StoredApiKey(key, hashes.Compute(active, secret), active.Id);
        var added = await store
            .AddAsync(stored, MostPerAccount, AccountEvents.OfKey("api_key.created", key, actor), ct)
            .ConfigureAwait(false);
        var text = OpaqueSecret.Format(request.Kind == ApiKeyKind.AppPassword ? PasswordPrefix : KeyPrefix, secret);
        CryptographicOperations.ZeroMemory(secret);
        return added ? new NewApiKey(key, text) : null;
    }

    /// <summary>An account's keys, the oldest first, revoked ones left out.</summary>
    public ValueTask<IReadOnlyList<ApiKey>> ListAsync(Guid accountId, CancellationToken ct) => store.ListAsync(accountId, ct);

    /// <summary>Revokes a key of an account: at once in this process, within a second in others.</summary>
    /// <returns>Whether the account had such a key.</returns>
    public async ValueTask<bool> RevokeAsync(Guid accountId, Guid keyId, AuditActor actor, CancellationToken ct)
    {
        try
        {
            return await store
                .RevokeAsync(accountId, keyId, time.GetUtcTimestamp(), AccountEvents.KeyRevoked(accountId, keyId, actor), ct)
                .ConfigureAwait(false);
        }
        finally
        {
            memory.Clear();
        }
    }

    /// <summary>Verifies what a caller presents. Whatever that is, nothing is thrown for it.</summary>
    /// <param name="presented">The key or app password, as it was shown.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Whom it speaks for; null when it is not good, for whichever reason.</returns>
    /// <exception cref="EpochsUnknownException">The database does not answer.</exception>
    public async ValueTask<ApiKeyIdentity?> VerifyAsync(string presented, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(presented);
        var secret = new byte[OpaqueSecret.Length];
        if (!OpaqueSecret.TryParse(KeyPrefix, presented, secret) && !OpaqueSecret.TryParse(PasswordPrefix, presented, secret))
        {
            AccountMeter.KeyPresented("malformed");
            return null;
        }

        var identity = await VerifyAsync(secret, presented.StartsWith(PasswordPrefix, StringComparison.Ordinal), ct).ConfigureAwait(false);
        CryptographicOperations.ZeroMemory(secret);
        AccountMeter.KeyPresented(identity is null ? "refused" : "accepted");
        return identity;
    }

    private async ValueTask<ApiKeyIdentity?> VerifyAsync(byte[] secret, bool isPassword, CancellationToken ct)
    {
        var active = hashes.LastActive;
        var hash = hashes.Compute(active, secret);
        var now = time.GetUtcTimestamp();
        if (memory.TryGet(hash, out var known))
        {
            var epoch = await accounts.CurrentEpochAsync(known.Identity.Account.Id, ct).ConfigureAwait(false);
            if (epoch == known.Identity.Account.Epoch && IsInTime(known.ExpiresAt, now))
            {
                return known.Identity;
            }
        }

        var reading = memory.Begin();
        IReadOnlyList<byte[]> candidates =
        [
            hash,
            .. hashes.Live.Where(key => key.Id != active.Id).Select(key => hashes.Compute(key, secret)),
        ];
        if (
            await FindAsync(candidates, ct).ConfigureAwait(false) is not { Key: var key } stored
            || (key.Kind == ApiKeyKind.AppPassword) != isPassword
            || !IsInTime(key.ExpiresAt, now)
            || await OwnerAsync(key.AccountId, ct).ConfigureAwait(false) is not { State: AccountState.Active } owner
        )
        {
            return null;
        }

        if (key.LastUsedAt is not { } last || now - last >= UseResolution || stored.HashKey != active.Id)
        {
            // Not back to a key that may be an old one by now.
            var used = hashes.IsStale ? stored : stored with { Hash = hash, HashKey = active.Id };
            await NoteAsync(used, now, stored.HashKey == active.Id ? now - UseResolution : now, ct).ConfigureAwait(false);
        }

        var roles = key.Roles.Intersect(owner.Roles, StringComparer.Ordinal).ToArray();
        var identity = new ApiKeyIdentity(key.Id, key.Kind, owner, roles, key.Scopes);
        memory.Remember(hash, new RememberedApiKey(identity, key.ExpiresAt), reading);
        return identity;
    }

    private ValueTask<StoredApiKey?> FindAsync(IReadOnlyList<byte[]> hashes, CancellationToken ct) =>
        AccountOutage.AskAsync((store, hashes), static (s, token) => s.store.FindAsync(s.hashes, token), time, ct);

    private ValueTask<Account?> OwnerAsync(Guid id, CancellationToken ct) =>
        AccountOutage.AskAsync((accounts, id), static (s, token) => s.accounts.GetAsync(s.id, token), time, ct);

    // A good key stays good when its use cannot be noted; the next use is.
    private async ValueTask NoteAsync(StoredApiKey used, DateTimeOffset now, DateTimeOffset ifBefore, CancellationToken ct)
    {
        try
        {
            await AccountOutage
                .AskAsync(
                    (store, used, now, ifBefore),
                    static async (s, token) =>
                    {
                        await s.store.UsedAsync(s.used, s.now, s.ifBefore, token).ConfigureAwait(false);
                        return true;
                    },
                    time,
                    ct
                )
                .ConfigureAwait(false);
        }
        catch (EpochsUnknownException) { }
    }

    private static bool IsInTime(DateTimeOffset? expiresAt, DateTimeOffset now) => expiresAt is not { } end || end > now;

    private static void Check(ApiKeyRequest request)
    {
        if (!IsValidName(request.Name))
        {
            throw new ArgumentException("A key's name is 1 to 64 characters without control characters.", nameof(request));
        }

        if (request.Scopes.Count == 0 || request.Scopes.Any(scope => !ApiKeyScopes.All.Contains(scope, StringComparer.Ordinal)))
        {
            throw new ArgumentException($"A key has one or both of the scopes {string.Join(", ", ApiKeyScopes.All)}.", nameof(request));
        }

        if (!IsValidLifetime(request.Lifetime))
        {
            throw new ArgumentException("A key is good for a minute to five years, or without end.", nameof(request));
        }
    }
}
