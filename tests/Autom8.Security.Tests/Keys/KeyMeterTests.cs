using System.Diagnostics.Metrics;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Keys;

public sealed class KeyMeterTests
{
    private const string Age = "autom8.security.key.age";
    private const string RefreshAge = "autom8.security.keyring.refresh.age";

    [Fact]
    public async Task Rotations_are_counted_and_the_age_of_each_active_key_and_of_the_last_refresh_are_told()
    {
        // Other tests may be measured too; none of their keyrings is as old.
        var (age, day) = (TimeSpan.FromDays(12_345), TimeSpan.FromDays(1));
        using var folder = new TemporaryFolder();
        using var heard = new Heard();
        var node = SecurityServices.Start(security => security.UseSqlite("Data Source=" + folder.Combine("data", "autom8.db")));
        await using (node)
        {
            heard.Measure();
            await node.KeyringAsync();
            var time = (FakeTimeProvider)node.GetRequiredService<TimeProvider>();
            _ = node.Lifecycle();
            time.Advance(age);
            heard.Measure();
            Assert.All(Enum.GetValues<KeyPurpose>(), purpose => Assert.Contains((Age, purpose.ToString(), age.TotalSeconds), heard.Values));
            Assert.Contains((RefreshAge, null, age.TotalSeconds), heard.Values);

            await node.Lifecycle().RotateAsync(KeyPurpose.Backup, AuditActor.System);
            Assert.Contains(("autom8.security.key.rotations", "Backup", 1d), heard.Values);
            time.Advance(day);
            heard.Measure();
            Assert.DoesNotContain((Age, "Backup", (age + day).TotalSeconds), heard.Values);
            Assert.Contains((Age, "Cache", (age + day).TotalSeconds), heard.Values);
            Assert.Contains((RefreshAge, null, day.TotalSeconds), heard.Values);
        }

        heard.Measure();
        Assert.DoesNotContain((Age, "Cache", (age + day).TotalSeconds), heard.Values);
    }

    private sealed class Heard : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<(string Name, string? Purpose, double Value)> _values = [];

        public Heard()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("autom8.security.key", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.Start();
        }

        public IReadOnlyList<(string Name, string? Purpose, double Value)> Values
        {
            get
            {
                lock (_values)
                {
                    return [.. _values];
                }
            }
        }

        /// <summary>Forgets what was heard, and asks the gauges.</summary>
        public void Measure()
        {
            lock (_values)
            {
                _values.Clear();
            }

            _listener.RecordObservableInstruments();
        }

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (_values)
            {
                _values.Add((instrument.Name, tags.IsEmpty ? null : (string?)tags[0].Value, value));
            }
        }
    }
}
