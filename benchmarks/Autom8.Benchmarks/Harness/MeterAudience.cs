using System.Diagnostics.Metrics;

namespace Autom8.Benchmarks.Harness;

/// <summary>Listens to the meters of ours and the peers, as production does; what hearing costs is theirs, what is done with it is nothing.</summary>
internal sealed class MeterAudience : IDisposable
{
    private readonly MeterListener _listener = new();
    private int _instruments;

    public MeterAudience(params IReadOnlyList<string> meterPrefixes)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meterPrefixes.Any(prefix => instrument.Meter.Name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                Interlocked.Increment(ref _instruments);

                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        _listener.SetMeasurementEventCallback<int>(static (_, _, _, _) => { });
        _listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        _listener.Start();
    }

    /// <summary>How many instruments are listened to.</summary>
    public int Instruments => Volatile.Read(ref _instruments);

    public void Dispose() => _listener.Dispose();
}
