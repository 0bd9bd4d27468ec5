using Autom8.Security.Encryption;

namespace Autom8.Security.Audit;

/// <summary>The personal part of entries: encrypted, bound to its row, and gone once its subject's key is destroyed.</summary>
internal sealed class AuditPersonal(IFieldProtector fields)
{
    public byte[] Protect(string personal, Guid entry, Guid subject) => fields.Protect(personal, Context(entry, subject)).Bytes.ToArray();

    /// <summary>The text, or null where it cannot be read; <paramref name="isErased"/> says whether that is because its key was destroyed.</summary>
    public string? Read(AuditRow row, out bool isErased)
    {
        isErased = false;
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
            isErased = error.Failure == FieldProtectionFailure.UnknownKey;
            return null;
        }
    }

    // The subject is part of the row's MAC; the key is still the one of the field, not the subject's own.
    private static FieldContext Context(Guid entry, Guid subject) => new("audit_log", "personal", entry);
}
