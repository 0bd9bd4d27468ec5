using System.Runtime.InteropServices;

namespace Autom8.Security.RateLimiting;

/// <summary>
/// The arrival times of many keys in memory of a fixed size. A key is known by a hash of 64 bits; it has two buckets of four places, in one region that one lock guards. A place whose time has come says nothing that is not true of any key,
/// and is taken by the next one that needs it: nothing is ever cleaned up.
/// </summary>
internal sealed class GcraTable
{
    private const int Ways = 4;
    private const int Buckets = 256;
    private const int Places = Ways * Buckets;

    private readonly Place[] _places;
    private readonly Region[] _regions;

    /// <param name="maximumKeys">With so many a region is two fifths full; then a key without a place is rarer than one in a million, as simulated.</param>
    public GcraTable(int maximumKeys)
    {
        var regions = (int)(((maximumKeys * 5L / 2) + Places - 1) / Places);
        _regions = new Region[regions];
        _places = new Place[regions * Places];
    }

    public RateLimitDecision Decide(in GcraRate rate, ulong hash, long now, int permits)
    {
        hash = Math.Max(hash, 1); // 0 is nobody
        var index = (int)((hash >> 32) * (ulong)_regions.Length >> 32);
        ref var region = ref _regions[index];
        var first = (int)(hash % Buckets);
        var second = (first + 1 + (int)(hash / Buckets % (Buckets - 1))) % Buckets;
        var places = _places.AsSpan(index * Places, Places);
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref region.Taken, 1, 0) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        ref var arrival = ref Find(places, first * Ways, second * Ways, hash, now, ref region.Shared);
        var decision = rate.Decide(ref arrival, now, permits);
        Volatile.Write(ref region.Taken, 0);
        return decision;
    }

    private static ref long Find(Span<Place> places, int first, int second, ulong hash, long now, ref long shared)
    {
        var found = Look(places, first, hash, now, out var free, out var room);
        if (found < 0)
        {
            found = Look(places, second, hash, now, out var otherFree, out var otherRoom);
            free = otherRoom > room ? otherFree : free; // into the emptier one: so both fill alike
        }

        if (found >= 0)
        {
            return ref places[found].Arrival;
        }

        if (free < 0)
        {
            return ref shared;
        }

        // Whoever shares has perhaps used up there what he would be given anew here.
        places[free].Hash = hash;
        places[free].Arrival = Math.Max(places[free].Arrival, shared);
        return ref places[free].Arrival;
    }

    /// <returns>The key's place in the bucket, or -1; then <paramref name="room"/> places may be taken by anybody, and <paramref name="free"/> is the last of them.</returns>
    private static int Look(Span<Place> places, int bucket, ulong hash, long now, out int free, out int room)
    {
        (free, room) = (-1, 0);
        for (var index = bucket; index < bucket + Ways; index++)
        {
            if (places[index].Hash == hash)
            {
                return index;
            }

            if (places[index].Arrival <= now)
            {
                free = index;
                room++;
            }
        }

        return -1;
    }

    private struct Place
    {
        public ulong Hash;
        public long Arrival;
    }

    /// <summary>A cache line of its own, so that two threads in two regions do not meet.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Region
    {
        public int Taken;
        public long Shared;
    }
}
