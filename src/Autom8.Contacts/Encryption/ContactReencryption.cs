using System.Globalization;
using System.Text.Json;
using Autom8.Contacts.Storage;
using Autom8.Contacts.Validation;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Reencryption;
using Microsoft.Extensions.Logging;

namespace Autom8.Contacts.Encryption;

/// <summary>
/// Brings contacts under the keys of their own (format 2), and their blind indexes under the active key and the present normaliser. What a contact says, its version and
/// its times stay; a row that somebody changes meanwhile is left to him.
/// </summary>
internal sealed partial class ContactReencryption(
    IContactStore store,
    ContactSealer sealer,
    ContactValidator validator,
    ISubjectKeys keys,
    IKeyringProvider keyrings,
    ILogger logger
) : IReencryption
{
    public string Name => "contact";

    public string Target =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"format 2, index key {keyrings.Current.Active(KeyPurpose.BlindIndex).Id}, normalizer {ContactValidator.NormalizerVersion}"
        );

    public async ValueTask<ReencryptionBatch> RunBatchAsync(Guid? after, int limit, CancellationToken cancellationToken = default)
    {
        var tag = BlindIndex.TagOf(keyrings.Current.Active(KeyPurpose.BlindIndex).Id);
        var rows = await store
            .ListStaleAsync(tag, ContactValidator.NormalizerVersion, after, limit, cancellationToken)
            .ConfigureAwait(false);
        Guid? last = rows.Count < limit ? null : rows[^1].Id;
        if (rows.Count == 0)
        {
            return new ReencryptionBatch(last, 0, 0);
        }

        // One lease reads or makes all keys at once; one more for each row saves its key if, and only if, the row is replaced.
        var leases = new Dictionary<Guid, SubjectKeyLease>(rows.Count);
        using var all = await keys.ReadOrCreateAsync(rows.Select(row => row.Id).ToArray(), cancellationToken).ConfigureAwait(false);
        try
        {
            var sealedRows = new List<ContactRow>(rows.Count);
            foreach (var row in rows)
            {
                leases[row.Id] = await keys.ReadOrCreateAsync(new[] { row.Id }, cancellationToken).ConfigureAwait(false);
                if (Reseal(row) is { } resealed)
                {
                    sealedRows.Add(resealed);
                }
            }

            var changed = await store
                .RewriteAsync(sealedRows, (id, transaction, ct) => leases[id].SaveAsync(transaction, ct), cancellationToken)
                .ConfigureAwait(false);
            return new ReencryptionBatch(last, changed, rows.Count - sealedRows.Count);
        }
        finally
        {
            foreach (var lease in leases.Values)
            {
                lease.Dispose();
            }
        }
    }

    private ContactRow? Reseal(StoredContact row)
    {
        try
        {
            var opened = sealer.Open(row);
            var nameIsEncrypted = row.Name != opened.Contact.Name;
            var contact = validator.Renormalize(opened.Contact, nameIsEncrypted, opened.NameAddress);
            return sealer.Seal(row.Id, contact, row.CreatedAt, row.UpdatedAt, row.Version);
        }
        catch (FieldProtectionException failure)
        {
            CannotBeRead(logger, row.Id, failure.Column, failure.Failure);
            return null;
        }
        catch (JsonException)
        {
            // Its message may quote the value.
            IsNoContact(logger, row.Id);
            return null;
        }
    }

    [LoggerMessage(
        EventId = 3,
        Level = LogLevel.Warning,
        Message = "Contact {Id} cannot be re-encrypted: its {Column} cannot be decrypted ({Failure}). It stays as it is."
    )]
    private static partial void CannotBeRead(ILogger logger, Guid id, string column, FieldProtectionFailure failure);

    [LoggerMessage(
        EventId = 4,
        Level = LogLevel.Warning,
        Message = "Contact {Id} cannot be re-encrypted: what it was encrypted from is not the JSON of a contact. It stays as it is."
    )]
    private static partial void IsNoContact(ILogger logger, Guid id);
}
