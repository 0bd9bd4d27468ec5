using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Autom8.Security.Tokens;

namespace Autom8.Security.Keys;

/// <summary>
/// All secrets of a service in one place: one active key of each <see cref="KeyPurpose"/>, and the older keys that still verify or decrypt.
/// </summary>
/// <remarks>Immutable and safe to share between threads. No text form of a keyring shows key material.</remarks>
public sealed class Keyring : IKeyringProvider
{
    private static readonly KeyPurpose[] Purposes = Enum.GetValues<KeyPurpose>();

    private readonly KeyringKey?[] _active;
    private readonly KeyringKey[][] _all;
    private readonly FrozenDictionary<(KeyPurpose, KeyId), KeyringKey> _live;
    private readonly KeyringFreshness? _freshness;

    internal Keyring(string id, IReadOnlyCollection<KeyringKey> keys, long revision = 1, KeyringFreshness? freshness = null)
    {
        Id = id;
        Revision = revision;
        _freshness = freshness;
        Keys = [.. keys];
        _active = new KeyringKey?[Purposes.Length];
        _all = new KeyringKey[Purposes.Length][];
        foreach (var purpose in Purposes)
        {
            var ofPurpose = keys.Where(key => key.Purpose == purpose).ToArray();
            // None at all is a purpose that an earlier version did not know: the provider makes its key.
            if (ofPurpose.Length > 0 && ofPurpose.Count(key => key.State == KeyState.Active) != 1)
            {
                throw new KeyringException(
                    $"Keyring {id} must have exactly one active {purpose} key. Restore the keyring from its backup."
                );
            }

            _all[(int)purpose] = ofPurpose;
            _active[(int)purpose] = ofPurpose.SingleOrDefault(key => key.State == KeyState.Active);
        }

        if (keys.DistinctBy(key => (key.Purpose, key.Id)).Count() != keys.Count)
        {
            throw new KeyringException($"Keyring {id} holds a key twice. Restore the keyring from its backup.");
        }

        _live = keys.Where(key => key.IsLive).ToFrozenDictionary(key => (key.Purpose, key.Id));
    }

    /// <summary>The keyring's own name, a UUID: it does not change when keys are rotated.</summary>
    public string Id { get; }

    /// <summary>Grows by one with every change that is stored.</summary>
    internal long Revision { get; }

    /// <summary>Whether its active keys may have been replaced by other nodes.</summary>
    internal bool IsStale => _freshness is { IsStale: true };

    internal IReadOnlyList<KeyringKey> Keys { get; }

    /// <summary>Purposes that the version which made this keyring did not know.</summary>
    internal IReadOnlyList<KeyPurpose> Missing => [.. Purposes.Where(purpose => _all[(int)purpose].Length == 0)];

    Keyring IKeyringProvider.Current => this;

    /// <summary>Makes a keyring with one new active key of each purpose. It lives in memory until something keeps it.</summary>
    /// <param name="time">For the times at which the keys were made.</param>
    /// <param name="algorithm">How tokens are to be signed.</param>
    public static Keyring Create(TimeProvider time, TokenAlgorithm algorithm = TokenAlgorithm.ES256)
    {
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow();
        return new Keyring(
            Guid.CreateVersion7(now).ToString(),
            [.. Purposes.Select(purpose => KeyringKey.Generate(purpose, KeyState.Active, now, algorithm))]
        );
    }

    /// <summary>The key that signs, encrypts or indexes now.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="purpose"/> is not defined.</exception>
    /// <exception cref="KeyringStaleException">Other nodes may have replaced the key: the shared keyring could not be read for longer than a new key takes to become active.
    /// Cache and cursor keys are given all the same.</exception>
    public KeyringKey Active(KeyPurpose purpose)
    {
        var key = LastActive(purpose);
        _freshness?.Demand(purpose);
        return key;
    }

    /// <summary>The key that was active when the keyring was last read, however long ago: for telling keys apart, never for making anything that is kept.</summary>
    internal KeyringKey LastActive(KeyPurpose purpose) =>
        _active[Checked(purpose)] ?? throw new KeyringException($"Keyring {Id} has no {purpose} key.");

    /// <summary>Finds a live key (pending, active or verify-only) by its exact id. Retired and destroyed keys are not found.</summary>
    public bool TryFind(KeyPurpose purpose, KeyId id, [NotNullWhen(true)] out KeyringKey? key) => _live.TryGetValue((purpose, id), out key);

    /// <summary>Every key of a purpose in every state.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="purpose"/> is not defined.</exception>
    public IReadOnlyList<KeyringKey> All(KeyPurpose purpose) => _all[Checked(purpose)];

    /// <summary>Names the keyring; never shows key material.</summary>
    public override string ToString() => $"Keyring {Id} ({Keys.Count} keys)";

    /// <summary>The next revision, with these keys.</summary>
    internal Keyring With(IReadOnlyCollection<KeyringKey> keys) => new(Id, keys, Revision + 1, _freshness);

    /// <summary>The same keyring, which gives its active keys only while it is fresh.</summary>
    internal Keyring While(KeyringFreshness freshness) => _freshness == freshness ? this : new(Id, Keys, Revision, freshness);

    private static int Checked(KeyPurpose purpose)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)purpose, (uint)Purposes.Length, nameof(purpose));
        return (int)purpose;
    }
}
