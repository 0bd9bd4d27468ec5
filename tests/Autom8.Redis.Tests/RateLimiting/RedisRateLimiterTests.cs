using System.Threading.RateLimiting;
using Autom8.Redis.RateLimiting;
using Autom8.Security.Keys;
using Autom8.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Autom8.Redis.Tests.RateLimiting;

/// <summary>On a real server, whose clock decides: rates are so low that nothing comes back while a test runs, or so high that it does.</summary>
public sealed class RedisRateLimiterTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private ConnectionMultiplexer _connection = null!;

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await ConnectionMultiplexer.ConnectAsync(
            new ConfigurationOptions
            {
                EndPoints = { _server.Endpoint },
                AbortOnConnectFail = false,
                BacklogPolicy = BacklogPolicy.FailFast,
            }
        );
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_burst_is_given_and_then_no_more_whichever_process_asks()
    {
        await using var here = Limiter(burst: 5, perSecond: 0.001);
        await using var there = Limiter(burst: 5, perSecond: 0.001);
        for (var i = 0; i < 5; i++)
        {
            var decision = await (i % 2 == 0 ? here : there).DecideAsync("ada");
            Assert.True(decision.IsAcquired);
            Assert.Equal(4 - i, decision.Remaining);
        }

        foreach (var limiter in new[] { here, there })
        {
            var refused = await limiter.DecideAsync("ada");
            Assert.Equal((false, 0), (refused.IsAcquired, refused.Remaining));
            Assert.InRange(refused.RetryAfter.TotalSeconds, 900, 1000); // 1,000 s for one permit, some of which have passed
            Assert.InRange(refused.ResetAfter.TotalSeconds, 4900, 5000);
        }

        Assert.True((await there.DecideAsync("grace")).IsAcquired);
    }

    [Fact]
    public async Task Many_at_once_get_no_more_than_the_burst()
    {
        await using var limiter = Limiter(burst: 50, perSecond: 0.001);
        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => limiter.DecideAsync("ada").AsTask()));
        Assert.Equal(50, decisions.Count(decision => decision.IsAcquired));
    }

    [Fact]
    public async Task What_was_waited_for_is_there()
    {
        await using var limiter = Limiter(burst: 1, perSecond: 1000);
        Assert.True((await limiter.DecideAsync("ada")).IsAcquired);
        await Nodes.Eventually.IsAsync(() => limiter.DecideAsync("ada").AsTask().GetAwaiter().GetResult().IsAcquired);
    }

    [Fact]
    public async Task Asking_for_none_takes_none()
    {
        await using var limiter = Limiter(burst: 2, perSecond: 0.001);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal((true, 2), (await Ask(limiter, 0)));
        }

        Assert.Equal((true, 0), await Ask(limiter, 2));
        Assert.Equal((false, 0), await Ask(limiter, 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Ask(limiter, 3));
    }

    [Fact]
    public async Task A_key_goes_by_itself_and_shows_nobody()
    {
        var keyring = Keyring.Create(TimeProvider.System);
        await using var limiter = Limiter(burst: 10, perSecond: 0.001, keyring);
        await limiter.DecideAsync("ada@example.org");
        var key = Assert.Single(_connection.GetServer(_server.Endpoint).Keys()).ToString();
        Assert.DoesNotContain("ada", key, StringComparison.Ordinal);
        var left = await _connection.GetDatabase().KeyTimeToLiveAsync(key);
        Assert.InRange(left!.Value.TotalSeconds, 900, 1001); // until the burst is whole
    }

    [Fact]
    public async Task As_a_limiter_of_the_framework_it_is_asked_asynchronously()
    {
        await using PartitionedRateLimiter<string> limiter = Limiter(burst: 1, perSecond: 0.001);
        Assert.False(limiter.AttemptAcquire("ada").IsAcquired); // may not wait, so is not asked
        Assert.True((await limiter.AcquireAsync("ada")).IsAcquired);
        var refused = await limiter.AcquireAsync("ada");
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out var wait));
        Assert.InRange(wait.TotalSeconds, 900, 1000);
    }

    [Fact]
    public async Task A_server_that_forgets_its_scripts_is_told_again()
    {
        await using var limiter = Limiter(burst: 2, perSecond: 0.001);
        Assert.True((await limiter.DecideAsync("ada")).IsAcquired);
        await _connection.GetServer(_server.Endpoint).ExecuteAsync("SCRIPT", "FLUSH");
        Assert.Equal(0, (await limiter.DecideAsync("ada")).Remaining);
    }

    [Fact]
    public async Task While_the_server_is_gone_each_process_counts_for_itself()
    {
        var time = new FakeTimeProvider();
        await using var limiter = Limiter(burst: 3, perSecond: 0.001, time: time);
        Assert.True((await limiter.DecideAsync("ada")).IsAcquired);
        await _server.StopAsync();
        var given = 0;
        for (var i = 0; i < 6; i++)
        {
            given += (await limiter.DecideAsync("ada")).IsAcquired ? 1 : 0;
        }

        Assert.Equal(3, given);
    }

    [Fact]
    public async Task It_says_once_that_it_counts_alone_and_once_that_it_no_longer_does()
    {
        var time = new FakeTimeProvider();
        var logger = new FakeLogger<RedisRateLimiter>();
        await using var limiter = Limiter(burst: 100, perSecond: 0.001, time: time, logger: logger);
        await _server.StopAsync();
        for (var second = 0; second < 3; second++)
        {
            await limiter.DecideAsync("ada");
            await limiter.DecideAsync("ada");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(LogLevel.Warning, Assert.Single(logger.Levels));
        await _server.StartAgainAsync();
        await Nodes.Eventually.IsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1)); // the next one asks again
            limiter.DecideAsync("ada").AsTask().GetAwaiter().GetResult();
            return logger.Levels.Count > 1;
        });
        Assert.Equal([LogLevel.Warning, LogLevel.Information], logger.Levels);
        await limiter.DecideAsync("grace"); // by the server again, and so by any other process
        await using var other = Limiter(burst: 100, perSecond: 0.001);
        Assert.Equal(98, (await other.DecideAsync("grace")).Remaining);
    }

    private RedisRateLimiter Limiter(
        int burst,
        double perSecond,
        Keyring? keyring = null,
        TimeProvider? time = null,
        FakeLogger<RedisRateLimiter>? logger = null
    ) =>
        new(
            _connection,
            new RedisRateLimiterOptions
            {
                Name = "test",
                Burst = burst,
                PerSecond = perSecond,
                Deadline = TimeSpan.FromSeconds(10), // on a busy machine an answer is awaited all the same
            },
            keyring,
            time,
            logger
        );

    private static async Task<(bool, int)> Ask(RedisRateLimiter limiter, int permits)
    {
        var decision = await limiter.DecideAsync("ada", permits);
        return (decision.IsAcquired, decision.Remaining);
    }

    private sealed class FakeLogger<T> : ILogger<T>
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Levels.Add(logLevel);
    }
}
