using System.Runtime.CompilerServices;
using Autom8.Contacts.Formats;
using Autom8.Contacts.Validation;
using Autom8.Security.Audit;

namespace Autom8.Contacts.Transfer;

/// <summary>Imports files record by record: what can be stored is, and what cannot is told with its line.</summary>
/// <remarks>
/// <para>A singleton, safe for use by any number of threads. Memory is bounded by <see cref="BatchSize"/> records, whatever the size of the file.</para>
/// <para>Each batch is one transaction with its audit entries. An outcome is handed out only once its batch is durable: whoever saw <see cref="ImportStatus.Created"/>
/// finds the contact after a crash.</para>
/// </remarks>
public sealed class ContactImporter
{
    /// <summary>How many records share a transaction.</summary>
    public const int BatchSize = 64;

    private readonly ContactBook _book;

    /// <summary>Imports into a contact book.</summary>
    public ContactImporter(ContactBook book)
    {
        ArgumentNullException.ThrowIfNull(book);
        _book = book;
    }

    /// <summary>Imports a file. A record with a fault is refused and the rest go in; a phone number or e-mail address that is none is left out of its
    /// contact, and told, as long as something remains to know the contact by.</summary>
    /// <param name="input">The bytes of the file; read to the end, left open.</param>
    /// <param name="format">Its format, or null to recognise it by what it holds.</param>
    /// <param name="actor">Who imports.</param>
    /// <param name="options">Names and bounds.</param>
    /// <param name="cancellationToken">Stops; batches that were stored stay.</param>
    /// <returns>One outcome for each record, in the order of the file.</returns>
    public async IAsyncEnumerable<ImportOutcome> ImportAsync(
        Stream input,
        ContactFormat? format,
        AuditActor actor,
        ImportOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(input);
        using var activity = ContactsMeter.Activities.StartActivity("contacts.import");
        options ??= new ImportOptions();
        var items = format is null
            ? ContactFormat.ReadAsync(input, options.FileName, options.Limits, cancellationToken)
            : format.CreateReader(options.Limits).ReadAsync(input, cancellationToken);
        var batch = new List<Judged>(BatchSize);
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            batch.Add(Judge(item));
            if (batch.Count == BatchSize)
            {
                foreach (var outcome in await StoreAsync(batch, actor, cancellationToken).ConfigureAwait(false))
                {
                    yield return outcome;
                }

                batch.Clear();
            }
        }

        foreach (var outcome in await StoreAsync(batch, actor, cancellationToken).ConfigureAwait(false))
        {
            yield return outcome;
        }
    }

    private Judged Judge(ImportItem item)
    {
        if (!item.TryGetRecord(out var record, out var fault))
        {
            return new Judged(item.Line, Contact: null, [new ContactProblem("", $"{fault.Problem} {fault.Remedy}")]);
        }

        var draft = new ContactDraft
        {
            Name = record.FormattedName,
            Phones = [.. record.Phones.Select(phone => new ContactPhone(phone.Value, phone.Label))],
            Emails = [.. record.Emails.Select(email => new ContactEmail(email.Value, email.Label))],
            Organization = record.Organization,
            Title = record.Title,
            Note = record.Note,
        };
        var problems = new List<ContactProblem>();
        var warnings = new List<ContactProblem>();
        return _book.Validator.TryCheck(draft, "", problems, out var contact, warnings)
            ? new Judged(item.Line, contact, warnings)
            : new Judged(item.Line, Contact: null, [.. warnings, .. problems]);
    }

    private async ValueTask<List<ImportOutcome>> StoreAsync(List<Judged> batch, AuditActor actor, CancellationToken cancellationToken)
    {
        ValidContact[] accepted = [.. batch.Where(judged => judged.Contact is not null).Select(judged => judged.Contact!)];
        var stored = await _book.AddAsync(accepted, actor, cancellationToken).ConfigureAwait(false);
        var outcomes = new List<ImportOutcome>(batch.Count);
        var next = 0;
        foreach (var judged in batch)
        {
            if (judged.Contact is null)
            {
                ContactsMeter.ImportRefused();
                outcomes.Add(new ImportOutcome(judged.Line, ImportStatus.Refused, ContactId: null, judged.Problems));
            }
            else
            {
                outcomes.Add(new ImportOutcome(judged.Line, ImportStatus.Created, stored[next++].Id, judged.Problems));
            }
        }

        return outcomes;
    }

    private sealed record Judged(int Line, ValidContact? Contact, IReadOnlyList<ContactProblem> Problems);
}
