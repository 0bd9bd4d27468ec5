using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autom8.Security.RateLimiting;

/// <summary>
/// The arrival times of many keys in memory of a fixed size. A key is known by a hash of 64 bits and stands in one of two cache lines of four places, both in the page that its hash chooses: deciding about a key that
/// has a place is one look and one compare-and-set. A place whose time has come says nothing that is not true of any key, and is taken by the next one that needs it: nothing is ever cleaned up.
/// </summary>
/// <remarks>
/// What makes it sound without a lock around each decision: the time in a place only ever grows, so a compare-and-set that succeeds has met the very time that was read; the time is read before the hash, so it
/// is the key's; and whoever gives a place to another key holds the page's lock and marks the time as <see cref="Changing"/> first.
/// </remarks>
internal sealed class GcraTable
{
    // A line holds the hashes of four places and then their times.
    private const int Ways = 4;
    private const int Words = 2 * Ways;
    private const int Lines = 64;
    private const int Places = Ways * Lines;
    private const int PageSize = 4096;
    private const int None = -1;
    private const long Changing = long.MaxValue;

    private readonly long[] _words;
    private readonly int _begin;
    private readonly Page[] _pages;

    /// <param name="maximumKeys">With so many a page is two fifths full; then a key without a place is rarer than one in a million, as simulated.</param>
    public GcraTable(int maximumKeys)
    {
        var pages = (int)(((maximumKeys * 5L / 2) + Places - 1) / Places);
        _pages = new Page[pages];
        _words = GC.AllocateArray<long>((pages + 1) * Lines * Words, pinned: true); // one page more, to begin where the machine's pages and lines begin
        _begin = WordsToPage(_words);
    }

    /// <summary>Where a key may stand; and has the processor fetch it, which the reading of the clock then does not wait for.</summary>
    public Spot Locate(ulong hash)
    {
        var page = (int)((hash >> 32) * (ulong)_pages.Length >> 32);
        var line = (int)(hash % Lines);
        var otherLine = (line + 1 + (int)(hash / Lines % (Lines - 1))) % Lines;
        var begin = _begin + (page * Lines * Words);
        var spot = new Spot((long)Math.Max(hash, 1), page, begin + (line * Words), begin + (otherLine * Words)); // 0 is nobody
        Prefetch(spot.First);
        Prefetch(spot.Second);
        return spot;
    }

    /// <summary>Takes permits if the key may have them now.</summary>
    /// <param name="rate">How much a key may have.</param>
    /// <param name="spot">The key.</param>
    /// <param name="now">In nanoseconds.</param>
    /// <param name="permits">How many.</param>
    /// <param name="arrival">The key's time after that.</param>
    public bool TryTake(in GcraRate rate, in Spot spot, long now, int permits, out long arrival)
    {
        var spin = default(SpinWait);
        while (true)
        {
            var found = Find(spot, out var read);
            arrival = read;
            if (found != None)
            {
                var isAcquired = rate.TryTake(ref arrival, now, permits);
                if (arrival == read || Interlocked.CompareExchange(ref _words[found], arrival, read) == read)
                {
                    return isAcquired;
                }

                spin.SpinOnce(sleep1Threshold: -1);
            }
            else if (TakeWithoutPlace(rate, spot, now, permits, ref arrival) is { } isAcquired)
            {
                return isAcquired;
            }
        }
    }

    /// <returns>Null if the key has got a place meanwhile.</returns>
    private bool? TakeWithoutPlace(in GcraRate rate, in Spot spot, long now, int permits, ref long arrival)
    {
        ref var page = ref _pages[spot.Page];
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref page.Taken, 1, 0) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        try
        {
            if (Find(spot, out _) != None)
            {
                return null;
            }

            // A place may have been taken from this very key by one who read the clock later.
            now = page.Latest = Math.Max(page.Latest, now);
            arrival = page.Shared; // whoever shares has perhaps used up there what he would be given anew in a place
            var place = permits == 0 ? None : TakeFree(spot, now);
            var isAcquired = rate.TryTake(ref arrival, now, permits);
            if (place == None)
            {
                page.Shared = arrival;
            }
            else
            {
                Volatile.Write(ref _words[place - Ways], spot.Hash);
                Volatile.Write(ref _words[place], arrival);
            }

            return isAcquired;
        }
        finally
        {
            Volatile.Write(ref page.Taken, 0);
        }
    }

    // The word of the key's time, or None.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find(in Spot spot, out long arrival)
    {
        var found = FindIn(spot.First, spot.Hash, out arrival);
        return found == None ? FindIn(spot.Second, spot.Hash, out arrival) : found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindIn(int line, long hash, out long arrival)
    {
        var same = Vector256.Equals(Vector256.Create(_words.AsSpan(line, Ways)), Vector256.Create(hash)).ExtractMostSignificantBits();
        if (same != 0)
        {
            var index = line + BitOperations.TrailingZeroCount(same);
            arrival = Volatile.Read(ref _words[index + Ways]);
            if (Volatile.Read(ref _words[index]) == hash && arrival != Changing)
            {
                return index + Ways;
            }
        }

        arrival = 0;
        return None;
    }

    // In the emptier line: so both fill alike.
    private int TakeFree(in Spot spot, long now)
    {
        while (true)
        {
            var free = FreeIn(spot.First, now, out var room);
            var otherFree = FreeIn(spot.Second, now, out var otherRoom);
            free = otherRoom > room ? otherFree : free;
            if (free == None)
            {
                return None;
            }

            ref var arrival = ref _words[free];
            var passed = Volatile.Read(ref arrival);
            if (passed <= now && Interlocked.CompareExchange(ref arrival, Changing, passed) == passed)
            {
                return free;
            }
        }
    }

    private int FreeIn(int line, long now, out int room)
    {
        var free = None;
        room = 0;
        for (var index = line + Ways; index < line + (2 * Ways); index++)
        {
            if (Volatile.Read(ref _words[index]) <= now)
            {
                free = index;
                room++;
            }
        }

        return free;
    }

    private static unsafe int WordsToPage(long[] pinned)
    {
        var address = (long)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));
        return (int)((PageSize - (address % PageSize)) % PageSize) / sizeof(long);
    }

    private unsafe void Prefetch(int word)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref _words[word])); // pinned
        }
    }

    /// <summary>The page of a key, and the places with which its two lines begin.</summary>
    public readonly record struct Spot(long Hash, int Page, int First, int Second);

    /// <summary>A cache line of its own, so that two threads in two pages do not meet.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Page
    {
        public int Taken;

        /// <summary>The time of those who find no place.</summary>
        public long Shared;

        /// <summary>The latest time at which a place was given away.</summary>
        public long Latest;
    }
}
