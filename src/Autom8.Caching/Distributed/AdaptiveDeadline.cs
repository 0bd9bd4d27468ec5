namespace Autom8.Caching.Distributed;

/// <summary>
/// How long to wait for the tier: a multiple of what its answers take, within bounds. Smoothed as TCP smooths its round trips (RFC 6298: mean and mean deviation, gains 1/8 and 1/4), but with a wider margin:
/// a retransmission costs a packet, a missed deadline here costs a circuit.
/// </summary>
internal sealed class AdaptiveDeadline(TimeSpan minimum, TimeSpan maximum)
{
    private const int Margin = 16;
    private readonly double _minimum = minimum.TotalMilliseconds;
    private readonly double _maximum = maximum.TotalMilliseconds;
    private double _mean;
    private double _deviation;

    public TimeSpan Current =>
        TimeSpan.FromMilliseconds(
            Math.Clamp(Volatile.Read(ref _mean) + (Margin * Volatile.Read(ref _deviation)), _minimum, Math.Max(_minimum, _maximum))
        );

    /// <summary>An answer has come. A lost update under a race costs nothing: it is a mean.</summary>
    public void Observe(TimeSpan took)
    {
        var milliseconds = took.TotalMilliseconds;
        var error = milliseconds - _mean;
        Volatile.Write(ref _mean, _mean + (error / 8));
        Volatile.Write(ref _deviation, _deviation + ((Math.Abs(error) - _deviation) / 4));
    }
}
