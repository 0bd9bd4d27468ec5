using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Autom8.Contacts.Formats;
using Autom8.Security.Encryption;

namespace Autom8.Contacts.Tests.Book;

public sealed class TelemetryTests
{
    [Fact]
    public async Task What_happens_is_counted_under_the_name_of_the_package()
    {
        await using var fixture = await ContactBookFixture.CreateAsync();
        // Other tests count in the same process at the same time: only what happens on the flow of this one is taken.
        var counts = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Autom8.Contacts")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        var flow = new AsyncLocal<bool> { Value = true };
        listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) =>
            {
                Assert.Equal(0, tags.Length);
                if (flow.Value)
                {
                    counts.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
                }
            }
        );
        listener.Start();

        var ann = await fixture.CreateAsync("Ann", "+12125550142");
        await fixture.Book.UpdateAsync(ann.Id, ContactBookFixture.Draft("Bea", "+12125550142"), 1, ContactBookFixture.Alice);
        await fixture.TamperAsync("update autom8_contact set phone_encrypted = x'00' where id = ?1", ann.Id);
        await Assert.ThrowsAsync<FieldProtectionException>(() => fixture.Book.GetAsync(ann.Id).AsTask());
        await fixture.Book.DeleteAsync(ann.Id, 2, ContactBookFixture.Alice);
        var file = new MemoryStream(Encoding.UTF8.GetBytes("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:\u0007\r\nEND:VCARD\r\n"));
        await foreach (var _ in fixture.Importer.ImportAsync(file, ContactFormat.VCard, ContactBookFixture.Alice)) { }

        Assert.Equal(
            [
                ("autom8.contacts.created", 1),
                ("autom8.contacts.decrypt.failures", 1),
                ("autom8.contacts.deleted", 1),
                ("autom8.contacts.import.refused", 1),
                ("autom8.contacts.updated", 1),
            ],
            counts.Select(count => (count.Key, count.Value)).OrderBy(count => count.Key, StringComparer.Ordinal)
        );
    }
}
