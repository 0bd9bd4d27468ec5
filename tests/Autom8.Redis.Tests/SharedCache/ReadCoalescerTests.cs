using System.Globalization;
using Autom8.Redis.SharedCache;
using Autom8.Testing;
using static Autom8.Redis.Tests.SharedCache.SharedCacheNode;

namespace Autom8.Redis.Tests.SharedCache;

public sealed class ReadCoalescerTests(SharedCacheServer server) : IClassFixture<SharedCacheServer>
{
    private SharedCacheNode Node => server.First;

    [Fact]
    public async Task Concurrent_reads_share_commands_and_each_gets_its_own_value()
    {
        const int Count = 500;
        var names = Enumerable.Range(0, Count).Select(static index => $"shared {index}").ToArray();
        for (var index = 0; index < Count; index += 2)
        {
            await Node.SetAsync(names[index], $"value {index}");
        }

        var before = await CommandsAsync();
        server.Server.Freeze();
        var reads = names.Select(name => Node.GetAsync(name)).ToArray();
        server.Server.Thaw();
        var values = await Task.WhenAll(reads).WaitAsync(Patience);

        Assert.Equal(names.Select(static (_, index) => index % 2 == 0 ? $"value {index}" : null), values);
        // The first left alone, since nothing flew; the others left together, 128 by 128.
        Assert.Equal(5, await CommandsAsync() - before);
    }

    [Fact]
    public async Task A_read_alone_is_a_plain_get()
    {
        await Node.SetAsync("alone", "value");
        var (gets, many) = (await CallsAsync("get"), await CallsAsync("mget"));
        Assert.Equal("value", await Node.GetAsync("alone"));
        Assert.Equal((gets + 1, many), (await CallsAsync("get"), await CallsAsync("mget")));
    }

    [Fact]
    public async Task Reads_of_many_threads_never_get_each_others_values_though_some_are_cancelled()
    {
        var names = Enumerable.Range(0, 200).Select(static index => $"mixed {index}").ToArray();
        foreach (var name in names)
        {
            await Node.SetAsync(name, name + " is my value");
        }

        var cancelled = 0;
        await Task.WhenAll(Enumerable.Range(0, 32).Select(worker => Task.Run(() => ReadAsync(worker)))).WaitAsync(Patience);
        Assert.True(cancelled > 0);

        async Task ReadAsync(int worker)
        {
            for (var round = 0; round < 400; round++)
            {
                var name = names[(worker * 37 + round) % names.Length];
                using var cancellation = new CancellationTokenSource();
                var read = Node.GetAsync(name, cancellation.Token);
                if (round % 3 == 0)
                {
                    await cancellation.CancelAsync();
                }

                try
                {
                    Assert.Equal(name + " is my value", await read);
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                }
            }
        }
    }

    [Fact]
    public async Task A_reader_that_is_cancelled_leaves_alone()
    {
        await Node.SetAsync("stays", "value");
        using var cancellation = new CancellationTokenSource();
        server.Server.Freeze();
        var first = Node.GetAsync("stays");
        var leaving = Node.GetAsync("stays", cancellation.Token);
        var staying = Node.GetAsync("stays");
        await cancellation.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving.WaitAsync(Patience));
        Assert.Equal(cancellation.Token, thrown.CancellationToken);
        Assert.False(first.IsCompleted || staying.IsCompleted);
        server.Server.Thaw();
        Assert.Equal(("value", "value"), (await first.WaitAsync(Patience), await staying.WaitAsync(Patience)));
    }

    [Fact]
    public async Task Who_is_cancelled_already_is_not_even_queued()
    {
        var before = await CommandsAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Node.GetAsync("any", new CancellationToken(canceled: true)));
        Assert.Equal(before, await CommandsAsync());
    }

    [Fact]
    public async Task Huge_values_among_small_ones_make_batches_small_until_they_are_gone()
    {
        var reads = new ReadCoalescer(await Node.DatabaseAsync(), new RedisKeys(Node.Prefix));
        var huge = new string('x', 1024 * 1024);
        await Node.SetAsync("huge", huge);
        await Node.SetAsync("small", "value");
        Assert.Equal(ReadCoalescer.MaximumKeys, reads.Limit);

        var together = await Task.WhenAll(
            reads.ReadAsync("small", CancellationToken.None).AsTask(),
            reads.ReadAsync("huge", CancellationToken.None).AsTask(),
            reads.ReadAsync("small", CancellationToken.None).AsTask()
        );
        Assert.Equal([5, huge.Length, 5], together.Select(static value => value!.Value.Length));
        Assert.InRange(reads.Limit, 1, 2);

        for (var index = 0; index < 100; index++)
        {
            await reads.ReadAsync("small", CancellationToken.None);
        }

        Assert.Equal(ReadCoalescer.MaximumKeys, reads.Limit);
    }

    [Fact]
    public async Task Many_names_are_one_command()
    {
        await Node.SetAsync("one of many", "1");
        var before = await CommandsAsync();
        Assert.Equal(["1", null, "1"], await Node.GetManyAsync("one of many", "another of many", "one of many"));
        Assert.Equal(before + 1, await CommandsAsync());
    }

    private async Task<long> CommandsAsync() => await CallsAsync("get") + await CallsAsync("mget");

    // Scripts read too: what they call is counted with the rest.
    private async Task<long> CallsAsync(string command)
    {
        var statistics = await RedisCluster.AskAsync(server.Server, "INFO commandstats");
        var line = statistics.Split("\r\n").FirstOrDefault(line => line.StartsWith($"cmdstat_{command}:calls=", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split('=', ',')[1], CultureInfo.InvariantCulture);
    }
}
