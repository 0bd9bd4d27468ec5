using Autom8.Caching.Distributed;
using Autom8.Testing;
using Autom8.Testing.Caching;

namespace Autom8.Redis.Tests.SharedCache;

public sealed class RedisSharedCacheContractTests(SharedCacheServer server) : SharedCacheContract, IClassFixture<SharedCacheServer>
{
    protected override ISharedCache First => server.First.Cache;

    protected override ISharedCache Second => server.Second.Cache;

    protected override async ValueTask RestartEmptyAsync()
    {
        await server.Server.RestartAsync();
        await server.First.UsableAsync();
        await server.Second.UsableAsync();
    }

    protected override async ValueTask FlushAsync() => await RedisCluster.AskAsync(server.Server, "FLUSHALL");

    protected override async ValueTask PassAsync(TimeSpan time)
    {
        // Redis keeps its own time.
        var end = await NowAsync() + time.TotalMilliseconds + 1;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await NowAsync() < end)
        {
            await pace.WaitForNextTickAsync();
        }

        async Task<double> NowAsync()
        {
            var database = await server.First.DatabaseAsync();
            var now = await database.Multiplexer.GetServers()[0].TimeAsync();
            return (now - DateTime.UnixEpoch).TotalMilliseconds;
        }
    }
}
