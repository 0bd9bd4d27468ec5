using System.Collections.Concurrent;
using Autom8.Caching.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Caching.Tests;

/// <summary>
/// Two nodes under real threads and real time. The source of each key counts up with every change, so a value says how old it is: a read must not return less than the last change
/// that had returned on its node before the read began.
/// </summary>
public sealed class StressTests
{
    private const int Keys = 8;
    private const int Threads = 4;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task No_thread_reads_what_its_node_had_removed_and_at_rest_nothing_is_left_over()
    {
        var server = new InMemorySharedCache();
        await using var one = Start(server);
        await using var two = Start(server);
        TieredCache[] nodes = [one.GetRequiredService<TieredCache>(), two.GetRequiredService<TieredCache>()];
        var source = new int[Keys];
        var floors = new int[2][];
        floors[0] = new int[Keys];
        floors[1] = new int[Keys];
        var sets = new int[Keys];
        var setFloor = new int[Keys];
        var broken = new ConcurrentQueue<string>();
        var steps = new long[Threads];
        var end = Environment.TickCount64 + (long)Length.TotalMilliseconds;
        await Task.WhenAll(
            Enumerable
                .Range(0, Threads)
                .Select(thread => Task.Factory.StartNew(() => RunAsync(thread), TaskCreationOptions.LongRunning).Unwrap())
        );

        Assert.Empty(broken);
        Assert.All(steps, count => Assert.True(count > 100, $"{count} steps"));
        foreach (var node in nodes)
        {
            Assert.True(
                SpinWait.SpinUntil(() => node.Engine.Calls.All(call => call.IsCompleted) && IsIdle(node), TimeSpan.FromSeconds(30)),
                "Something goes on at rest."
            );
            Assert.Empty(node.Engine.Calls);
            Assert.Equal(0, node.PendingInvalidations);
        }

        for (var key = 0; key < Keys; key++)
        {
            var name = Name(key);
            await nodes[0].RemoveAsync(name);
            Assert.Equal(source[key], await nodes[1].GetOrCreateAsync<int, int>(name, key, Load));
        }

        async Task RunAsync(int thread)
        {
            var random = new Random(thread);
            var node = nodes[thread % 2];
            var floor = floors[thread % 2];
            while (Environment.TickCount64 < end && broken.IsEmpty)
            {
                var key = random.Next(Keys);
                switch (random.Next(13))
                {
                    case 0:
                        var removed = Interlocked.Increment(ref source[key]);
                        await node.RemoveAsync(Name(key));
                        Raise(ref floor[key], removed);
                        break;
                    case 1:
                        var tagged = Interlocked.Increment(ref source[key]);
                        await node.RemoveByTagAsync($"tag {key}");
                        Raise(ref floor[key], tagged);
                        break;
                    case 2:
                        int changed;
                        await using (await node.BeginChangeAsync([Name(key)]))
                        {
                            changed = Interlocked.Increment(ref source[key]);
                        }

                        Raise(ref floor[key], changed);
                        break;
                    case 3:
                        var least = Enumerable.Range(0, Keys).Select(index => Volatile.Read(ref floor[index])).ToArray();
                        foreach (var (name, value) in await node.GetManyAsync<int>([.. Enumerable.Range(0, Keys).Select(Name)]))
                        {
                            Check("many", name[^1] - '0', value, least[name[^1] - '0']);
                        }

                        break;
                    case 4:
                        var bound = Volatile.Read(ref floor[key]);
                        if (node.TryGet<int>(Name(key), out var there))
                        {
                            Check("try", key, there, bound);
                        }

                        break;
                    case 5:
                        // One writer, so that its sets count up.
                        if (key % Threads == thread)
                        {
                            await node.SetAsync($"set {key}", ++sets[key]);
                            Raise(ref setFloor[key], sets[key]);
                        }

                        break;
                    case 6:
                        if (thread % 2 == key % Threads % 2) // on the writer's node
                        {
                            var last = Volatile.Read(ref setFloor[key]);
                            var lookup = await node.GetAsync<int>($"set {key}");
                            Check("set", key, lookup.Found ? lookup.Value : int.MaxValue, last);
                        }

                        break;
                    default:
                        var known = Volatile.Read(ref floor[key]);
                        Func<int, CancellationToken, ValueTask<int>> load = random.Next(2) == 0 ? Load : LoadSlowly;
                        Check("get", key, await node.GetOrCreateAsync(Name(key), key, load, tags: [$"tag {key}"]), known);
                        break;
                }

                steps[thread]++;
            }
        }

        ValueTask<int> Load(int key, CancellationToken token) => new(Volatile.Read(ref source[key]));

        async ValueTask<int> LoadSlowly(int key, CancellationToken token)
        {
            var value = Volatile.Read(ref source[key]);
            await Task.Yield();
            return value;
        }

        void Check(string how, int key, int value, int least)
        {
            if (value < least)
            {
                broken.Enqueue($"{how} of key {key}: {value} after {least}");
            }
        }

        static void Raise(ref int floor, int value)
        {
            for (var now = Volatile.Read(ref floor); now < value; now = Volatile.Read(ref floor))
            {
                Interlocked.CompareExchange(ref floor, value, now);
            }
        }
    }

    private static string Name(int key) => $"key {key}";

    private static bool IsIdle(TieredCache node) =>
        Enumerable.Range(0, Keys).All(key => node.Explain(Name(key)) is { RunningLoads: 0, IsBeingChanged: false });

    private static ServiceProvider Start(InMemorySharedCache server)
    {
        var services = new ServiceCollection();
        var link = server.Connect();
        services.AddAutom8Caching().UseSharedCache(_ => link);
        return services.BuildServiceProvider();
    }
}
