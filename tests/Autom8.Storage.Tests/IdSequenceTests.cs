using Microsoft.Extensions.Time.Testing;

namespace Autom8.Storage.Tests;

public sealed class IdSequenceTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Ids_made_at_one_instant_sort_in_the_order_in_which_they_were_made()
    {
        var sequence = new IdSequence(_time);
        var ids = Enumerable.Range(0, 10_000).Select(_ => sequence.Next()).ToArray();
        Assert.Equal(ids, ids.OrderBy(id => Convert.ToHexString(id.ToByteArray(bigEndian: true)), StringComparer.Ordinal));
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void A_clock_that_steps_back_does_not_turn_the_order()
    {
        var sequence = new IdSequence(_time);
        var before = sequence.Next();
        _time.AdjustTime(_time.GetUtcNow().AddMinutes(-1));
        Assert.True(string.CompareOrdinal(before.ToString(), sequence.Next().ToString()) < 0);
    }

    [Fact]
    public void An_id_is_a_version_7_UUID_that_bears_its_time()
    {
        var id = new IdSequence(_time).Next();
        Assert.Equal(7, id.Version);
        Assert.InRange(id.Variant, 8, 11);
        var bytes = id.ToByteArray(bigEndian: true);
        var milliseconds = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16;
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds(), milliseconds);
    }

    [Fact]
    public void Threads_never_share_an_id()
    {
        var sequence = new IdSequence(_time);
        var ids = new Guid[40_000];
        Parallel.For(0, ids.Length, i => ids[i] = sequence.Next());
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }
}
