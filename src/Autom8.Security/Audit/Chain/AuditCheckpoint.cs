using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;
using NSec.Cryptography;

namespace Autom8.Security.Audit;

/// <summary>
/// A signed statement: "at this time the audit log had so many entries, and this value stood for all of them". A text that can be kept outside, and checked with the
/// public key alone.
/// </summary>
/// <remarks>
/// The form is that of C2SP's tlog-checkpoint in a signed note (c2sp.org/tlog-checkpoint, c2sp.org/signed-note), signed by Ed25519 (RFC 8032). The hash is the head of
/// a keyed chain, not a Merkle root: it is compared, it proves no inclusion. Immutable.
/// </remarks>
public sealed class AuditCheckpoint
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const byte Ed25519 = 1;
    private const int HashLength = 4;
    private const int MaxLength = 64 * 1024;
    private const string SignatureMark = "\u2014 ";

    private AuditCheckpoint(string origin, long size, byte[] head, DateTimeOffset timestamp, KeyId key, string text)
    {
        (Origin, Size, HeadBytes, Timestamp, Key, Text) = (origin, size, head, timestamp, key, text);
    }

    /// <summary>Which log: <c>autom8/audit/</c> and the keyring's id.</summary>
    public string Origin { get; }

    /// <summary>How many positions the chain had, from 1 on.</summary>
    public long Size { get; }

    /// <summary>The value of the chain at the last of them: 32 bytes.</summary>
    public ReadOnlyMemory<byte> Head => HeadBytes;

    /// <summary>When it was signed, in UTC.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>The audit key that it was signed under.</summary>
    public KeyId Key { get; }

    /// <summary>The whole signed note.</summary>
    public string Text { get; }

    internal byte[] HeadBytes { get; }

    /// <summary>How many rows of each table name which key, counted from the first position on.</summary>
    internal IReadOnlyList<AuditKeyCount> Counts { get; private init; } = [];

    /// <summary>Reads a note without judging its signature.</summary>
    public static bool TryParse(string note, [NotNullWhen(true)] out AuditCheckpoint? checkpoint)
    {
        ArgumentNullException.ThrowIfNull(note);
        checkpoint = null;
        if (note.Length > MaxLength || note.Contains('\r', StringComparison.Ordinal))
        {
            return false;
        }

        var end = note.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : note[..end].Split('\n');
        var head = new byte[PooledHmac.Length];
        if (
            lines.Length < 5
            || lines[0].Length == 0
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || !Convert.TryFromBase64String(lines[2], head, out var length)
            || length != head.Length
            || !lines[3].StartsWith("key ", StringComparison.Ordinal)
            || !KeyId.TryParse(lines[3].AsSpan(4), out var key)
            || !lines[4].StartsWith("time ", StringComparison.Ordinal)
            || !DateTimeOffset.TryParseExact(
                lines[4].AsSpan(5),
                TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var time
            )
            || !TryParseCounts(lines.AsSpan(5), out var counts)
        )
        {
            return false;
        }

        checkpoint = new AuditCheckpoint(lines[0], size, head, time, key, note) { Counts = counts };
        return true;
    }

    /// <summary>Reads a note and checks its signature: all that is needed outside, where there are no secrets.</summary>
    /// <param name="note">The text.</param>
    /// <param name="verifierKey">A public key in the form of signed notes, such as <see cref="IAuditVerifier.VerifierKeys"/> gives out.</param>
    /// <param name="checkpoint">The checkpoint, if the note is one and was signed with that key.</param>
    public static bool TryVerify(string note, string verifierKey, [NotNullWhen(true)] out AuditCheckpoint? checkpoint)
    {
        ArgumentNullException.ThrowIfNull(verifierKey);
        checkpoint = null;
        // Name, hash, key; only the base64 of the last may hold a plus sign as well.
        var parts = verifierKey.Split('+', 3);
        Span<byte> key = stackalloc byte[1 + 32];
        if (
            parts.Length != 3
            || !Convert.TryFromBase64String(parts[2], key, out var length)
            || length != key.Length
            || key[0] != Ed25519
            || !TryParse(note, out var parsed)
            || parsed.Origin != parts[0]
            || !parsed.IsSignedWith(key[1..])
        )
        {
            return false;
        }

        checkpoint = parsed;
        return true;
    }

    /// <summary>Shows where the log stood.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Origin} at {Size}, {Timestamp:O}");

    internal static AuditCheckpoint Sign(
        AuditKey key,
        string origin,
        AuditHead head,
        DateTimeOffset now,
        IEnumerable<AuditKeyCount> counts
    ) =>
        TrySign(key, origin, head, now, counts, out var checkpoint)
            ? checkpoint
            : throw new InvalidOperationException("A checkpoint does not read back.");

    /// <summary>Signs, unless the counts make the note longer than one may be.</summary>
    internal static bool TrySign(
        AuditKey key,
        string origin,
        AuditHead head,
        DateTimeOffset now,
        IEnumerable<AuditKeyCount> counts,
        [NotNullWhen(true)] out AuditCheckpoint? checkpoint
    )
    {
        var body = new StringBuilder().Append(origin).Append('\n').Append(CultureInfo.InvariantCulture, $"{head.Size}\n");
        body.Append(Convert.ToBase64String(head.Chain)).Append('\n').Append("key ").Append(key.Id).Append('\n');
        body.Append("time ").Append(now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)).Append('\n');
        foreach (var count in counts.OrderBy(c => c.Table, StringComparer.Ordinal).ThenBy(c => c.KeyId, StringComparer.Ordinal))
        {
            body.Append(CultureInfo.InvariantCulture, $"rows {count.Table} {count.KeyId} {count.Rows}\n");
        }

        var signature = key.Sign(Encoding.UTF8.GetBytes(body.ToString()));
        var line = Convert.ToBase64String([.. KeyHash(origin, key.PublicKey), .. signature]);
        body.Append('\n').Append(SignatureMark).Append(origin).Append(' ').Append(line).Append('\n');
        return TryParse(body.ToString(), out checkpoint);
    }

    /// <summary>A public key in the form of signed notes: <c>name+hash+key</c>.</summary>
    internal static string VerifierKey(string origin, byte[] publicKey) =>
        $"{origin}+{Convert.ToHexStringLower(KeyHash(origin, publicKey))}+{Convert.ToBase64String([Ed25519, .. publicKey])}";

    internal bool IsSignedWith(ReadOnlySpan<byte> publicKey)
    {
        var end = Text.IndexOf("\n\n", StringComparison.Ordinal);
        var body = Encoding.UTF8.GetBytes(Text[..(end + 1)]);
        Span<byte> signature = stackalloc byte[HashLength + 64];
        foreach (var line in Text.AsSpan(end + 2).EnumerateLines())
        {
            // A note may bear signatures of others, witnesses above all.
            if (
                line.StartsWith(SignatureMark, StringComparison.Ordinal)
                && line[SignatureMark.Length..] is var signed
                && signed.LastIndexOf(' ') is > 0 and var space
                && signed[..space].Equals(Origin, StringComparison.Ordinal)
                && Convert.TryFromBase64Chars(signed[(space + 1)..], signature, out var length)
                && length == signature.Length
                && signed[(space + 1)..].SequenceEqual(Convert.ToBase64String(signature)) // one text for one signature
                && signature[..HashLength].SequenceEqual(KeyHash(Origin, publicKey))
                && PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key)
                && SignatureAlgorithm.Ed25519.Verify(key!, body, signature[HashLength..])
            )
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] KeyHash(string name, ReadOnlySpan<byte> publicKey) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', Ed25519, .. publicKey])[..HashLength];

    private static bool TryParseCounts(ReadOnlySpan<string> lines, out List<AuditKeyCount> counts)
    {
        counts = [];
        foreach (var line in lines)
        {
            var parts = line.Split(' ');
            // Lines of a later version are signed all the same.
            if (parts.Length == 4 && parts[0] == "rows")
            {
                if (!long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var rows))
                {
                    return false;
                }

                counts.Add(new AuditKeyCount(parts[1], parts[2], rows));
            }
        }

        return true;
    }
}
