using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Autom8.Security.Keys;

namespace Autom8.Security.Audit;

/// <summary>The audit keys of the keyring in force. Safe for concurrent use.</summary>
internal sealed class AuditKeys(IKeyringProvider keyrings)
{
    // What is derived from a key lives as long as the key does.
    private readonly ConditionalWeakTable<KeyringKey, AuditKey> derived = [];

    /// <summary>What checkpoints of this log begin with: a keyring, and so a log, has one name.</summary>
    public string Origin => "autom8/audit/" + keyrings.Current.Id;

    /// <summary>What cuts begin with, so that no checkpoint can pass for one.</summary>
    public string CutOrigin => Origin + "/cut";

    /// <summary>The key that seals now.</summary>
    public AuditKey Active => Derived(keyrings.Current.Active(KeyPurpose.Audit));

    /// <summary>The live key that a row names.</summary>
    public bool TryFind(string id, [NotNullWhen(true)] out AuditKey? key)
    {
        key =
            KeyId.TryParse(id, out var parsed) && keyrings.Current.TryFind(KeyPurpose.Audit, parsed, out var found) ? Derived(found) : null;
        return key is not null;
    }

    /// <summary>The live keys, the active one first.</summary>
    public IEnumerable<AuditKey> Live =>
        keyrings
            .Current.All(KeyPurpose.Audit)
            .Where(key => key.IsLive)
            .OrderByDescending(key => key.State == KeyState.Active)
            .Select(Derived);

    /// <summary>What a note says, or null if it is not a note of this origin about that size, signed with a live key.</summary>
    public AuditCheckpoint? Verified(StoredNote stored, string origin) =>
        AuditCheckpoint.TryParse(stored.Note, out var note)
        && note.Size == stored.Size
        && note.Origin == origin
        && TryFind(note.Key.ToString(), out var key)
        && note.IsSignedWith(key.PublicKey)
            ? note
            : null;

    /// <summary>Where the chain begins: the newest cut that is genuine.</summary>
    public AuditCheckpoint? NewestCut(IEnumerable<StoredNote> cuts) =>
        cuts.Select(cut => Verified(cut, CutOrigin)).FirstOrDefault(cut => cut is not null);

    private AuditKey Derived(KeyringKey key) => derived.GetValue(key, static k => new AuditKey(k));
}
