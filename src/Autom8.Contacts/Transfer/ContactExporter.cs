using System.Buffers;
using Autom8.Contacts.Auditing;
using Autom8.Contacts.Formats;
using Autom8.Security.Audit;

namespace Autom8.Contacts.Transfer;

/// <summary>Writes all contacts to a stream, page by page: memory is bounded by a page.</summary>
/// <remarks>A singleton, safe for use by any number of threads.</remarks>
public sealed class ContactExporter
{
    private const int FlushBytes = 64 * 1024;

    private readonly ContactBook _book;
    private readonly IAuditLog _audit;

    /// <summary>Exports from a contact book.</summary>
    public ContactExporter(ContactBook book, IAuditLog audit)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(audit);
        _book = book;
        _audit = audit;
    }

    /// <summary>Exports all contacts in the order of their ids. Contacts that were there at the start and are not deleted meanwhile are written exactly once.</summary>
    /// <param name="output">Takes the bytes; left open.</param>
    /// <param name="writer">The format.</param>
    /// <param name="actor">Who exports. The entry <c>contacts.exported</c> is durable before the first contact is read: an export that was broken off has
    /// still given out what it wrote.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>How many contacts were written.</returns>
    /// <exception cref="Autom8.Security.Encryption.FieldProtectionException">A row is damaged or its key is missing. What was written before it is whole contacts.</exception>
    public async ValueTask<long> ExportAsync(
        Stream output,
        IContactWriter writer,
        AuditActor actor,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(writer);
        using var activity = ContactsMeter.Activities.StartActivity("contacts.export");
        await _audit.AppendAsync(ContactAudit.Exported(writer.MediaType, actor), cancellationToken).ConfigureAwait(false);
        var buffer = new ArrayBufferWriter<byte>(FlushBytes);
        writer.WriteHeader(buffer);
        long count = 0;
        string? cursor = null;
        do
        {
            var page = await _book.ListAsync(_book.Options.MaxPageSize, cursor, cancellationToken).ConfigureAwait(false);
            foreach (var contact in page.Items)
            {
                writer.Write(buffer, Record(contact));
                count++;
                if (buffer.WrittenCount >= FlushBytes)
                {
                    await FlushAsync(buffer, output, cancellationToken).ConfigureAwait(false);
                }
            }

            cursor = page.NextCursor;
        } while (cursor is not null);

        await FlushAsync(buffer, output, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>A contact as the formats tell of it: to write a single one.</summary>
    public static ContactRecord Record(Contact contact)
    {
        ArgumentNullException.ThrowIfNull(contact);
        return new ContactRecord
        {
            // vCard demands a name (RFC 6350, 6.2.1): what stands in for it in the book does so in the file.
            FormattedName = DisplayName(contact),
            Organization = contact.Organization,
            Title = contact.Title,
            Note = contact.Note,
            Uid = $"urn:uuid:{contact.Id}",
            Phones = [.. contact.Phones.Select(phone => new LabelledValue(phone.Value, phone.Label))],
            Emails = [.. contact.Emails.Select(email => new LabelledValue(email.Value, email.Label))],
        };
    }

    private static string DisplayName(Contact contact) =>
        contact switch
        {
            { Name.Length: > 0 } => contact.Name,
            { Organization: { } organization } => organization,
            { Emails: [var email, ..] } => email.Value,
            { Phones: [var phone, ..] } => phone.Value,
            _ => "",
        };

    private static async ValueTask FlushAsync(ArrayBufferWriter<byte> buffer, Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        // Clear, not reset: it overwrites what was written.
        buffer.Clear();
    }
}
