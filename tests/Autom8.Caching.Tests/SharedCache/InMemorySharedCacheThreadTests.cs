using Autom8.Caching.Distributed;
using Autom8.Caching.Testing;

namespace Autom8.Caching.Tests.SharedCache;

public sealed class InMemorySharedCacheThreadTests
{
    private const int Nodes = 3;
    private const int Callers = 8;
    private const int Rounds = 2000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Under_many_threads_no_message_is_lost_doubled_reordered_or_heard_beside_another()
    {
        var server = new InMemorySharedCache();
        var links = Enumerable.Range(0, Nodes).Select(_ => server.Connect()).ToArray();
        var listeners = links.Select(static link => new Listener(link)).ToArray();
        var running = Callers;
        var callers = Enumerable
            .Range(0, Callers)
            .Select(caller =>
                Task.Run(async () =>
                {
                    for (var i = 1; i <= Rounds; i++)
                    {
                        await links[caller % Nodes].SetAsync($"{caller}", BitConverter.GetBytes(i), null, Message(caller, i));
                    }

                    Interlocked.Decrement(ref running);
                })
            )
            .ToArray();

        // Callers wait for a frozen link: it thaws again in the same breath.
        for (var n = 0; Volatile.Read(ref running) > 0; n++)
        {
            links[n % Nodes].Freeze();
            Thread.Yield();
            links[n % Nodes].Thaw();
        }

        await Task.WhenAll(callers);

        Assert.All(links, static link => Assert.Equal((0, 0), (link.PendingOperations, link.PendingMessages)));
        Assert.All(listeners, static listener => Assert.Equal([.. Enumerable.Repeat(Rounds, Callers)], listener.Last));
        Assert.All(listeners, static listener => Assert.Equal((0, 0), (listener.Overlaps, listener.Gaps)));
        for (var caller = 0; caller < Callers; caller++)
        {
            Assert.Equal(Rounds, BitConverter.ToInt32(server[$"{caller}"]!.Value.Span));
        }
    }

    [Fact]
    public async Task Under_many_threads_one_load_at_a_time_is_in_force_and_none_outlives_a_removal()
    {
        var server = new InMemorySharedCache();
        var source = 0;
        await Task.WhenAll(
            Enumerable
                .Range(0, Callers)
                .Select(caller =>
                    Task.Run(async () =>
                    {
                        var link = server.Connect();
                        for (var i = 1; i <= Rounds; i++)
                        {
                            var token = ((ulong)caller << 32) + (ulong)i;
                            if (i % 5 == 0)
                            {
                                Interlocked.Increment(ref source);
                                await link.RemoveAsync("a", default);
                            }
                            else if (
                                (
                                    await link.LeaseAsync(
                                        "a",
                                        token,
                                        Minute,
                                        i % 3 == 0 ? SharedLeaseMode.TakeOver : SharedLeaseMode.Miss,
                                        default
                                    )
                                ).Status == SharedLeaseStatus.Granted
                            )
                            {
                                await link.FillAsync("a", token, BitConverter.GetBytes(Volatile.Read(ref source)), null);
                            }
                        }
                    })
                )
        );

        // A load that a removal has overtaken would have left an older value.
        if (server["a"] is { } left)
        {
            Assert.Equal(source, BitConverter.ToInt32(left.Span));
        }

        var last = server.Connect();
        await last.RemoveAsync("a", default);
        Assert.Equal(SharedLeaseStatus.Granted, (await last.LeaseAsync("a", 1, Minute, SharedLeaseMode.Miss, default)).Status);
    }

    private static byte[] Message(int caller, int i) => [.. BitConverter.GetBytes(caller), .. BitConverter.GetBytes(i)];

    private sealed class Listener : ISharedCacheSubscriber
    {
        private int _inside;

        public Listener(ISharedCache link) => link.Subscribe(this);

        public int[] Last { get; } = new int[Callers];
        public int Overlaps { get; private set; }
        public int Gaps { get; private set; }

        public void OnMessage(ReadOnlyMemory<byte> message)
        {
            Overlaps += Interlocked.Increment(ref _inside) == 1 ? 0 : 1;
            var (caller, i) = (BitConverter.ToInt32(message.Span), BitConverter.ToInt32(message.Span[4..]));
            Gaps += i == Last[caller] + 1 ? 0 : 1;
            Last[caller] = i;
            Interlocked.Decrement(ref _inside);
        }

        public void OnInterrupted() => Gaps++;
    }
}
