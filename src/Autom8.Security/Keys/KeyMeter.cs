using System.Diagnostics.Metrics;

namespace Autom8.Security.Keys;

/// <summary>The instruments of keys in the meter <c>Autom8.Security</c>: of one keyring, as long as this is not disposed.</summary>
internal sealed class KeyMeter : IDisposable
{
    private static readonly KeyPurpose[] Purposes = Enum.GetValues<KeyPurpose>();

    private readonly Meter _meter = new("Autom8.Security");
    private readonly Counter<long> _rotations;
    private readonly KeyringProvider _provider;
    private readonly TimeProvider _time;

    public KeyMeter(KeyringProvider provider, TimeProvider time)
    {
        _provider = provider;
        _time = time;
        _rotations = _meter.CreateCounter<long>(
            "autom8.security.key.rotations",
            "{rotation}",
            "New keys that this process made, by purpose."
        );
        _meter.CreateObservableGauge("autom8.security.key.age", Ages, "s", "Time since the active key became active, by purpose.");
        _meter.CreateObservableGauge(
            "autom8.security.keyring.refresh.age",
            RefreshAge,
            "s",
            "Time since the stored keyring was last read or found unchanged."
        );
    }

    public void Rotated(KeyPurpose purpose) => _rotations.Add(1, Tag(purpose));

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Ages()
    {
        if (!_provider.IsLoaded)
        {
            return [];
        }

        var keyring = _provider.Current;
        var now = _time.GetUtcNow();
        return Purposes
            .Except(keyring.Missing)
            .Select(purpose => new Measurement<double>((now - keyring.LastActive(purpose).ActivatesAt).TotalSeconds, Tag(purpose)));
    }

    private IEnumerable<Measurement<double>> RefreshAge() => _provider.IsLoaded ? [new(_provider.Freshness.Age.TotalSeconds)] : [];

    private static KeyValuePair<string, object?> Tag(KeyPurpose purpose) => new("purpose", purpose.ToString());
}
