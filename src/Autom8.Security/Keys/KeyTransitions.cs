using Autom8.Security.Tokens;

namespace Autom8.Security.Keys;

/// <summary>A keyring's next revision, and what differs.</summary>
internal sealed record KeyringChange(IReadOnlyCollection<KeyringKey> Keys, IReadOnlyList<KeyChange> Changes);

/// <summary>
/// The life of keys as pure decisions: Pending, Active, VerifyOnly, Retired, Destroyed, forward only. Every result has exactly one active key of each purpose.
/// </summary>
internal static class KeyTransitions
{
    /// <summary>
    /// A new key for a purpose: pending, or active at once. Null when there is nothing to do: a pending key waits already, or the active key is another than the one that was to
    /// be replaced. So however many nodes rotate at once, one key is made.
    /// </summary>
    public static KeyringChange? Rotate(
        Keyring keyring,
        KeyPurpose purpose,
        KeyId replaced,
        TimeSpan publishDelay,
        DateTimeOffset now,
        TokenAlgorithm algorithm = TokenAlgorithm.ES256
    )
    {
        var active = keyring.LastActive(purpose);
        if (active.Id != replaced || keyring.All(purpose).Any(key => key.State == KeyState.Pending))
        {
            return null;
        }

        if (publishDelay == TimeSpan.Zero)
        {
            var next = KeyringKey.Generate(purpose, KeyState.Active, now, algorithm);
            return Replace(keyring, [active.In(KeyState.VerifyOnly, active.ActivatesAt, now)], [next]);
        }

        var pending = KeyringKey.Generate(purpose, KeyState.Pending, now, algorithm);
        return Replace(keyring, [], [pending.In(KeyState.Pending, now + publishDelay, null)]);
    }

    /// <summary>What time alone brings: published keys become active, keys that only verified what is short-lived retire, and keys that are due get a successor.</summary>
    /// <param name="keyring">The keyring.</param>
    /// <param name="isPublished">Whether every node has had the time to load a pending key.</param>
    /// <param name="retiresAfter">How long after its successor took over a key of this purpose is accepted; null for keys of stored data, which wait to be asked.</param>
    /// <param name="rotatesEvery">How long a key of this purpose is active; null for as long as nobody asks.</param>
    /// <param name="publishDelay">How long a new key stays pending.</param>
    /// <param name="now">Now.</param>
    /// <param name="algorithm">How a new token key signs.</param>
    public static KeyringChange? Advance(
        Keyring keyring,
        Func<KeyringKey, bool> isPublished,
        Func<KeyPurpose, TimeSpan?> retiresAfter,
        Func<KeyPurpose, TimeSpan?> rotatesEvery,
        TimeSpan publishDelay,
        DateTimeOffset now,
        TokenAlgorithm algorithm = TokenAlgorithm.ES256
    )
    {
        KeyringChange? all = null;
        foreach (var key in keyring.Keys)
        {
            var so = all is null ? keyring : keyring.With(all.Keys);
            var change = key.State switch
            {
                KeyState.Pending when isPublished(key) => Activate(so, key, now),
                KeyState.VerifyOnly when retiresAfter(key.Purpose) is { } after && (key.SupersededAt ?? key.CreatedAt) + after <= now =>
                    Replace(so, [key.In(KeyState.Retired, key.ActivatesAt, key.SupersededAt)], []),
                KeyState.Active when rotatesEvery(key.Purpose) is { } every && key.ActivatesAt + every <= now => Rotate(
                    so,
                    key.Purpose,
                    key.Id,
                    publishDelay,
                    now,
                    algorithm
                ),
                _ => null,
            };
            all = change is null ? all : change with { Changes = [.. all?.Changes ?? [], .. change.Changes] };
        }

        return all;
    }

    /// <summary>No longer accepts what a key made.</summary>
    /// <exception cref="KeyringException">The key is still pending or active.</exception>
    public static KeyringChange? Retire(Keyring keyring, KeyId id) =>
        Known(keyring, id) switch
        {
            { State: KeyState.VerifyOnly } key => Replace(keyring, [key.In(KeyState.Retired, key.ActivatesAt, key.SupersededAt)], []),
            { State: KeyState.Retired } => null,
            var key => throw Not(
                key,
                "retired",
                "Rotate its purpose first; once the new key is active, this one is VerifyOnly and can be."
            ),
        };

    /// <summary>Destroys the material of a retired key.</summary>
    /// <exception cref="KeyringException">The key is not retired.</exception>
    public static KeyringChange? Destroy(Keyring keyring, KeyId id) =>
        Known(keyring, id) switch
        {
            { State: KeyState.Retired } key => Replace(keyring, [key.In(KeyState.Destroyed, key.ActivatesAt, key.SupersededAt)], []),
            { State: KeyState.Destroyed } => null,
            var key => throw Not(key, "destroyed", "Retire it first."),
        };

    /// <exception cref="KeyringException">The keyring never had such a key.</exception>
    public static KeyringKey Known(Keyring keyring, KeyId id) =>
        keyring.Keys.FirstOrDefault(key => key.Id == id)
        ?? throw new KeyringException($"Keyring {keyring.Id} has no key {id}. 'keys list' shows those it has.");

    private static KeyringChange Activate(Keyring keyring, KeyringKey pending, DateTimeOffset now)
    {
        var active = keyring.LastActive(pending.Purpose);
        return Replace(keyring, [active.In(KeyState.VerifyOnly, active.ActivatesAt, now), pending.In(KeyState.Active, now, null)], []);
    }

    private static KeyringChange Replace(Keyring keyring, KeyringKey[] changed, KeyringKey[] added)
    {
        var before = keyring.Keys.ToDictionary(key => (key.Purpose, key.Id));
        return new KeyringChange(
            [.. keyring.Keys.Select(key => changed.FirstOrDefault(c => (c.Purpose, c.Id) == (key.Purpose, key.Id)) ?? key), .. added],
            [
                .. changed.Select(key => new KeyChange(key.Purpose, key.Id, before[(key.Purpose, key.Id)].State, key.State)),
                .. added.Select(key => new KeyChange(key.Purpose, key.Id, null, key.State)),
            ]
        );
    }

    private static KeyringException Not(KeyringKey key, string what, string instead) =>
        new($"The {key.Purpose} key {key.Id} is {key.State} and cannot be {what}. {instead}");
}
