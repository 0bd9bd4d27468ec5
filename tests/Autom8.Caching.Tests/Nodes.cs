using Autom8.Caching.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests;

/// <summary>Some processes over one shared tier in memory, each with a clock and a link of its own.</summary>
internal sealed class Nodes : IDisposable
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly Node[] _nodes;
    private readonly InMemorySharedCacheLink[] _links;
    private readonly FakeTimeProvider _serverTime = new();

    /// <param name="count">How many.</param>
    /// <param name="configure">Sets the options of each.</param>
    /// <param name="build">Chooses the parts of each.</param>
    /// <param name="skewOfFirst">How wrong the first one is about the hour.</param>
    /// <param name="acquainted">Whether they have heard of one another when the test begins.</param>
    public Nodes(
        int count = 2,
        Action<CachingOptions>? configure = null,
        Action<CachingBuilder>? build = null,
        TimeSpan skewOfFirst = default,
        bool acquainted = true
    )
    {
        Server = new InMemorySharedCache(_serverTime);
        _links = [.. Enumerable.Range(0, count).Select(_ => Server.Connect())];
        _nodes =
        [
            .. _links.Select(
                (link, index) =>
                    new Node(
                        time: new FakeTimeProvider(Start + (index == 0 ? skewOfFirst : TimeSpan.Zero)),
                        configure: configure,
                        build: builder =>
                        {
                            builder.UseSharedCache(_ => link);
                            build?.Invoke(builder);
                        }
                    )
            ),
        ];
        if (acquainted)
        {
            Advance(TimeSpan.FromSeconds(1)); // two beats: each has heard of each
        }
    }

    public InMemorySharedCache Server { get; }

    public Node this[int index] => _nodes[index];

    public InMemorySharedCacheLink Link(int index) => _links[index];

    /// <summary>Until every fill that has begun is made.</summary>
    public Task SettleAsync() => Task.WhenAll(_nodes.Select(node => node.Cache.DrainAsync()));

    /// <summary>Lets time pass everywhere, in small steps; what waits for it goes on inside.</summary>
    public void Advance(TimeSpan time)
    {
        Inline(() =>
        {
            for (; time > TimeSpan.Zero; time -= Step)
            {
                var step = time < Step ? time : Step;
                _serverTime.Advance(step);
                foreach (var node in _nodes)
                {
                    node.Time.Advance(step);
                }
            }
        });
    }

    /// <summary>Lets time pass until a task has ended, and says how much.</summary>
    public async Task<TimeSpan> AdvanceUntilAsync(Task task)
    {
        var passed = TimeSpan.Zero;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var round = 0; !task.IsCompleted && round < 20_000; round++)
        {
            Advance(Step);
            passed += Step;
            await pace.WaitForNextTickAsync(); // who waits on the thread pool gets its turn
        }

        return passed;
    }

    /// <summary>Runs what continues inside, away from the test's context, which would have it posted.</summary>
    public static void Inline(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Dispose();
        }
    }
}
