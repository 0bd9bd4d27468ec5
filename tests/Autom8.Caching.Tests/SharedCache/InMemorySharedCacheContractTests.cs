using Autom8.Caching.Distributed;
using Autom8.Caching.Testing;
using Autom8.Testing.Caching;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests.SharedCache;

public sealed class InMemorySharedCacheContractTests : SharedCacheContract
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemorySharedCache _server;

    public InMemorySharedCacheContractTests()
    {
        _server = new InMemorySharedCache(_time);
        First = _server.Connect();
        Second = _server.Connect();
    }

    protected override ISharedCache First { get; }

    protected override ISharedCache Second { get; }

    [Fact]
    public async Task A_position_is_reported_for_as_long_as_promised_and_no_longer()
    {
        var name = Name();
        await First.RemoveAsync(name, Message(""), new SharedFence(1, TimeSpan.Zero, 42));

        _time.Advance(SharedFence.PositionLifetime - TimeSpan.FromTicks(1));
        Assert.Equal(42ul, (await First.LeaseAsync(name, 1, Long, SharedLeaseMode.TakeOver, None)).Position);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(0ul, (await First.LeaseAsync(name, 2, Long, SharedLeaseMode.TakeOver, None)).Position);
    }

    [Fact]
    public async Task A_lifetime_ends_on_its_tick()
    {
        var name = Name();
        await First.SetAsync(name, Bytes("x"), Short, Message(""));

        _time.Advance(Short - TimeSpan.FromTicks(1));
        Assert.Equal("x", await TextAsync(First, name));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await TextAsync(First, name));
    }

    protected override ValueTask RestartEmptyAsync()
    {
        _server.Restart(keepData: false);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask FlushAsync()
    {
        _server.Flush();
        return ValueTask.CompletedTask;
    }

    protected override ValueTask PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return ValueTask.CompletedTask;
    }
}
