using Autom8.Contacts.Storage;
using Autom8.Security.Encryption;

namespace Autom8.Contacts.Encryption;

/// <summary>Decrypts rows with the keys of their contacts, which are read for a whole page at once. A contact whose key was shredded is one that was deleted.</summary>
internal sealed class ContactOpener(ISubjectKeys keys, ContactSealer sealer)
{
    /// <summary>The contact of a row, or null when it was erased.</summary>
    /// <exception cref="FieldProtectionException">A ciphertext of the row is damaged, moved or made with an unknown key.</exception>
    public async ValueTask<OpenedContact?> OpenAsync(StoredContact row, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<Guid> subject = new[] { row.Id };
        for (var last = false; ; last = true)
        {
            using var lease = await keys.ReadAsync(subject, cancellationToken).ConfigureAwait(false);
            try
            {
                return sealer.Open(row);
            }
            catch (FieldProtectionException erased) when (erased.Failure == FieldProtectionFailure.Shredded)
            {
                return null;
            }
            catch (FieldProtectionException forgotten) when (!last && forgotten.Failure == FieldProtectionFailure.UnknownKey)
            {
                // Perhaps somebody deletes it just now: the table knows.
            }
            catch (FieldProtectionException)
            {
                ContactsMeter.DecryptFailed();
                throw;
            }
        }
    }

    /// <summary>The contacts of rows, but for those that were erased meanwhile.</summary>
    /// <exception cref="FieldProtectionException">A ciphertext of a row is damaged, moved or made with an unknown key.</exception>
    public async ValueTask<List<OpenedContact>> OpenAsync(IReadOnlyCollection<StoredContact> rows, CancellationToken cancellationToken)
    {
        var opened = new List<OpenedContact>(rows.Count);
        using var lease = await keys.ReadAsync(rows.Select(row => row.Id).ToArray(), cancellationToken).ConfigureAwait(false);
        foreach (var row in rows)
        {
            try
            {
                opened.Add(sealer.Open(row));
            }
            catch (FieldProtectionException failure)
                when (failure.Failure is FieldProtectionFailure.Shredded or FieldProtectionFailure.UnknownKey)
            {
                if (await OpenAsync(row, cancellationToken).ConfigureAwait(false) is { } contact)
                {
                    opened.Add(contact);
                }
            }
            catch (FieldProtectionException)
            {
                ContactsMeter.DecryptFailed();
                throw;
            }
        }

        return opened;
    }
}
