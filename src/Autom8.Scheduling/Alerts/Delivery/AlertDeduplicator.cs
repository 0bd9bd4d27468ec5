namespace Autom8.Scheduling.Alerts.Delivery;

/// <summary>Knows the fingerprints of a window of time, 4,096 at most. Safe for any number of threads.</summary>
internal sealed class AlertDeduplicator(TimeSpan window, TimeProvider time)
{
    internal const int MaxRemembered = 4_096;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    // The window is the same for all, so the order of arrival is the order of expiry.
    private readonly Queue<(string Fingerprint, long At)> _order = new();

    public bool IsNew(string fingerprint)
    {
        if (window == TimeSpan.Zero)
        {
            return true;
        }

        lock (_gate)
        {
            long now = time.GetTimestamp();
            while (_order.TryPeek(out var oldest) && (time.GetElapsedTime(oldest.At, now) >= window || _order.Count >= MaxRemembered))
            {
                _known.Remove(_order.Dequeue().Fingerprint);
            }

            if (!_known.Add(fingerprint))
            {
                return false;
            }

            _order.Enqueue((fingerprint, now));
            return true;
        }
    }
}
