using System.Buffers;
using System.Text;
using Autom8.Contacts.Formats;

namespace Autom8.Contacts.Tests.Formats;

/// <summary>Reads from memory, where every wait is over at once.</summary>
internal static class Reading
{
    public static List<ImportItem> VCard(string text, ContactReadLimits? limits = null) =>
        All(new VCardReader(limits), Encoding.UTF8.GetBytes(text));

    public static List<ImportItem> Csv(string text, ContactReadLimits? limits = null) =>
        All(new CsvContactReader(limits), Encoding.UTF8.GetBytes(text));

    public static ContactRecord Card(string properties) => One(VCard($"BEGIN:VCARD\r\n{properties}\r\nEND:VCARD\r\n"));

    public static ContactRecord Row(string header, string row) => One(Csv($"{header}\r\n{row}\r\n"));

    public static ContactRecord One(List<ImportItem> items)
    {
        ImportItem item = Assert.Single(items);
        Assert.Null(item.Fault);
        return item.Record!;
    }

    public static List<ImportItem> All(IContactReader reader, byte[] bytes, int chunk = int.MaxValue) =>
        All(reader.ReadAsync(new ChunkedStream(bytes, chunk)));

    public static List<ImportItem> All(IAsyncEnumerable<ImportItem> items)
    {
        List<ImportItem> all = [];
        IAsyncEnumerator<ImportItem> enumerator = items.GetAsyncEnumerator();
        while (true)
        {
            Task<bool> next = enumerator.MoveNextAsync().AsTask();
            Assert.True(next.IsCompleted);
            if (!next.Result)
            {
                return all;
            }
            all.Add(enumerator.Current);
        }
    }

    public static byte[] Write(IContactWriter writer, params IEnumerable<ContactRecord> records)
    {
        ArrayBufferWriter<byte> output = new();
        writer.WriteHeader(output);
        foreach (ContactRecord record in records)
        {
            writer.Write(output, record);
        }
        return output.WrittenSpan.ToArray();
    }

    public static string Show(IEnumerable<ImportItem> items) =>
        string.Join('\n', items.Select(i => i.Fault is { } f ? $"{f.Line} {f.RecordLine} {f.Kind}" : Show(i.Record!)));

    public static string Show(ContactRecord r) =>
        string.Join(
            '|',
            [
                $"{r.Line}",
                r.FormattedName,
                r.GivenName,
                r.FamilyName,
                r.Organization,
                r.Title,
                r.Note,
                r.Uid,
                .. r.Phones.Concat(r.Emails).Select(v => $"{v.Value}/{v.Label}/{v.IsPreferred}"),
            ]
        );

    /// <summary>Gives a few bytes at a time, as a network does.</summary>
    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, chunk)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, chunk)], cancellationToken);
    }
}
