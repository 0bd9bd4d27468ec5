using System.Data.Common;
using Autom8.Security.Encryption;

namespace Autom8.Security.Audit;

/// <summary>The personal part of entries: encrypted under its subject's key, bound to its row, and gone once that key is destroyed.</summary>
/// <param name="fields">Encrypts.</param>
/// <param name="keys">The keys of subjects; without them the key is the keyring's, which only its destruction takes away.</param>
internal sealed class AuditPersonal(IFieldProtector fields, SubjectKeys? keys)
{
    /// <summary>Holds the keys for what is to be written, of which there may be none, as the transaction of the entries sees them.</summary>
    public ValueTask<SubjectKeyLease> ForWritingAsync(
        IReadOnlyCollection<AuditEntry> entries,
        DbTransaction transaction,
        CancellationToken ct
    )
    {
        Guid[] subjects = [.. entries.Where(entry => entry.Personal is not null).Select(entry => entry.Subject!.Value).Distinct()];
        return keys is null || subjects.Length == 0 ? default : keys.ReadOrCreateAsync(subjects, transaction, ct);
    }

    /// <summary>Saves what a lease <see cref="ForWritingAsync"/> has made, in the transaction of the entries and before them: an entry never stands there without its key.</summary>
    /// <exception cref="SubjectKeyException">A subject was shredded: nothing personal is kept of it any more.</exception>
    public static ValueTask SaveAsync(SubjectKeyLease lease, DbTransaction transaction, CancellationToken ct) =>
        lease == default ? ValueTask.CompletedTask : lease.SaveAsync(transaction, ct);

    /// <summary>Holds the keys for what is to be read.</summary>
    public ValueTask<SubjectKeyLease> ForReadingAsync(IEnumerable<AuditRow> rows, CancellationToken ct)
    {
        Guid[] subjects =
        [
            .. rows.Where(row => row is { Personal: not null, Subject: not null }).Select(row => row.Subject!.Value).Distinct(),
        ];
        return keys is null || subjects.Length == 0 ? default : keys.ReadAsync(subjects, ct);
    }

    /// <summary>Encrypts, under a lease <see cref="ForWritingAsync"/>.</summary>
    public byte[] Protect(string personal, Guid entry, Guid subject) => fields.Protect(personal, Context(entry, subject)).Bytes.ToArray();

    /// <summary>The text, or null where it cannot be read, and why. Under a lease <see cref="ForReadingAsync"/>.</summary>
    public string? Read(AuditRow row, out FieldProtectionFailure? failure)
    {
        failure = null;
        if (row is not { Personal: { } ciphertext, Subject: { } subject })
        {
            return null;
        }

        try
        {
            return fields.Unprotect(new EncryptedField(ciphertext), Context(row.Id, subject));
        }
        catch (FieldProtectionException error)
        {
            failure = error.Failure;
            return null;
        }
    }

    private FieldContext Context(Guid entry, Guid subject) => new("audit_log", "personal", entry, keys is null ? null : subject);
}
