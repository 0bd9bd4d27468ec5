using Autom8.Caching.Distributed;
using Autom8.Caching.Testing;
using FsCheck.Xunit;

namespace Autom8.Caching.Tests.SharedCache;

public sealed class InMemorySharedCacheDeliveryTests : InMemorySharedCacheFixture
{
    private readonly SharedCacheRecorder _recorder = new();

    [Fact]
    public async Task A_message_can_overtake_the_answer_of_the_operation_that_carries_it()
    {
        using var subscription = A.Subscribe(_recorder);
        A.Delivery = InMemoryDelivery.Manual;
        var set = SetAsync(A, "a", "1");
        Assert.Null(Held("a"));

        Assert.True(A.DeliverOperation());
        Assert.Equal("1", Held("a"));
        Assert.Empty(_recorder.Heard);
        Assert.True(A.DeliverMessage());
        Assert.Equal(["a=1"], _recorder.Heard);
        Assert.False(set.IsCompleted);
        Assert.True(A.DeliverOperation());

        Assert.True(set.IsCompletedSuccessfully);
        Assert.True(await set);
        Assert.False(A.DeliverOperation());
        Assert.False(A.DeliverMessage());
    }

    [Fact]
    public void What_waits_for_an_answer_runs_inside_the_delivery_whatever_context_there_is()
    {
        var context = new SynchronizationContextThatPosts();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            A.Delivery = InMemoryDelivery.Manual;
            using var stop = new CancellationTokenSource();
            int? finished = null;
            int? stopped = null;
            _ = FinishAsync();
            _ = StopAsync();

            A.DeliverOperation();
            Assert.Null(finished);
            A.DeliverOperation();
            Assert.Equal(Environment.CurrentManagedThreadId, finished);
            stop.Cancel();
            Assert.Equal(Environment.CurrentManagedThreadId, stopped);
            Assert.Same(context, SynchronizationContext.Current);

            async Task FinishAsync()
            {
                await A.SetAsync("a", Bytes("1"), null, default).ConfigureAwait(false);
                finished = Environment.CurrentManagedThreadId;
            }

            async Task StopAsync()
            {
                try
                {
                    await A.GetAsync("b", stop.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    stopped = Environment.CurrentManagedThreadId;
                }
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    [Fact]
    public async Task Requests_about_different_names_may_be_delivered_in_any_order_and_those_about_one_name_not()
    {
        A.Delivery = InMemoryDelivery.Manual;
        var first = SetAsync(A, "a", "1");
        var second = SetAsync(A, "a", "2");
        var other = SetAsync(A, "b", "3");
        var many = A.GetManyAsync(["b", "a"], None).AsTask();

        Assert.True(A.DeliverOperation(2));
        Assert.Equal((null, "3"), (Held("a"), Held("b")));
        Assert.True(A.DeliverOperation(1));
        Assert.Equal("1", Held("a"));
        Assert.True(A.DeliverOperation(3));
        Assert.Equal("2", Held("a"));
        Assert.True(A.DeliverOperation(3));
        Assert.Equal(4, A.PendingOperations);
        Assert.False(A.DeliverOperation(4));

        // Now only answers are left, and they keep the same order.
        Assert.True(A.DeliverOperation(1));
        Assert.Equal((true, false), (first.IsCompleted, second.IsCompleted));
        Assert.True(A.DeliverOperation(2));
        Assert.Equal((false, true, false), (second.IsCompleted, other.IsCompleted, many.IsCompleted));
        A.Delivery = InMemoryDelivery.Immediate;
        Assert.Equal([Bytes("3"), Bytes("2")], (await many).Select(static found => found!.Value.ToArray()));
        await Task.WhenAll(first, second, other);
    }

    [Fact]
    public async Task The_effect_of_a_later_request_does_not_wait_for_an_earlier_answer()
    {
        A.Delivery = InMemoryDelivery.Manual;
        var first = SetAsync(A, "a", "1");
        var second = SetAsync(A, "a", "2");

        A.DeliverOperation();
        A.DeliverOperation(1);

        Assert.Equal("2", Held("a"));
        Assert.False(first.IsCompleted || second.IsCompleted);
        A.DeliverOperation(1);
        Assert.True(first.IsCompleted);
        Assert.False(second.IsCompleted);
        A.DeliverOperation();
        Assert.True(await second);
    }

    [Fact]
    public async Task A_cut_between_the_two_steps_loses_the_answer_and_not_the_effect()
    {
        A.Delivery = InMemoryDelivery.Manual;
        var effected = SetAsync(A, "a", "1");
        var unsent = SetAsync(A, "b", "2");
        A.DeliverOperation();

        A.Cut();

        await Assert.ThrowsAsync<IOException>(() => effected);
        await Assert.ThrowsAsync<IOException>(() => unsent);
        Assert.Equal(["a"], Server.Names);
        Assert.Equal(0, A.PendingOperations);
        A.Heal();
        A.Delivery = InMemoryDelivery.Immediate;
        Assert.Equal(["a"], Server.Names);
    }

    [Fact]
    public async Task A_request_whose_caller_gave_up_is_delivered_all_the_same_and_needs_no_answer()
    {
        using var stop = new CancellationTokenSource();
        A.Delivery = InMemoryDelivery.Manual;
        var lease = A.LeaseAsync("a", 1, Minute, SharedLeaseMode.Miss, stop.Token).AsTask();
        await stop.CancelAsync();
        Assert.True(lease.IsCanceled);

        Assert.True(A.DeliverOperation());

        Assert.Equal(0, A.PendingOperations);
        Assert.Equal(SharedLeaseStatus.Busy, await LeaseAsync(B, "a", 2));
    }

    [Fact]
    public async Task A_scripted_failure_waits_for_its_delivery_too()
    {
        A.Delivery = InMemoryDelivery.Manual;
        A.FailNext(SharedOperation.Set);
        A.FailNext(SharedOperation.Set, takeEffect: true);
        var lost = SetAsync(A, "a", "1");
        var unanswered = SetAsync(A, "b", "2");
        Assert.False(lost.IsCompleted);

        A.Delivery = InMemoryDelivery.Immediate;

        await Assert.ThrowsAsync<IOException>(() => lost);
        await Assert.ThrowsAsync<IOException>(() => unanswered);
        Assert.Equal(["b"], Server.Names);
    }

    [Fact]
    public async Task Messages_and_interruptions_are_delivered_one_by_one_in_order()
    {
        using var subscription = A.Subscribe(_recorder);
        A.Delivery = InMemoryDelivery.Manual;
        await SetAsync(B, "a", "1");
        Server.Restart(keepData: true);
        await SetAsync(B, "a", "2");
        await SetAsync(B, "a", "3");
        Assert.Equal(4, A.PendingMessages);

        A.DeliverMessage();
        Assert.Equal(["a=1"], _recorder.Heard);
        A.DropNextMessages(1);
        A.DeliverMessage();
        Assert.Equal(["a=1", SharedCacheRecorder.Interruption], _recorder.Heard);
        A.DeliverMessage();
        A.DeliverMessage();

        Assert.Equal(["a=1", SharedCacheRecorder.Interruption, "a=3"], _recorder.Heard);
    }

    [Fact]
    public async Task Cutting_the_messages_loses_those_on_their_way_but_no_interruption()
    {
        using var subscription = A.Subscribe(_recorder);
        A.Delivery = InMemoryDelivery.Manual;
        await SetAsync(B, "a", "1");
        Server.Restart(keepData: true);

        A.CutMessages(tell: false);

        Assert.Equal(1, A.PendingMessages);
        A.Delivery = InMemoryDelivery.Immediate;
        Assert.Equal([SharedCacheRecorder.Interruption], _recorder.Heard);
    }

    [Fact]
    public async Task A_script_that_becomes_immediate_while_it_delivers_delivers_the_rest()
    {
        using var subscription = A.Subscribe(new SharedCacheRecorder(_ => A.Delivery = InMemoryDelivery.Immediate));
        A.Delivery = InMemoryDelivery.Manual;
        await SetAsync(B, "a", "1");
        await SetAsync(B, "a", "2");

        Assert.True(A.DeliverMessage());

        Assert.Equal(0, A.PendingMessages);
    }

    /// <summary>Whatever the schedule: what a node did to one name takes effect, is heard everywhere and is answered in the order of its calls, and the same schedule ends the same way.</summary>
    [Property(MaxTest = 300)]
    public void Every_schedule_keeps_the_order_and_is_repeatable(int seed)
    {
        var trace = Run(seed);

        foreach (var story in trace.GroupBy(static line => line[..line.LastIndexOf(' ')]))
        {
            Assert.Equal(Enumerable.Range(1, story.Count()).Select(n => $"{story.Key} {n}"), story);
        }

        Assert.Equal(trace, Run(seed));
    }

    private static List<string> Run(int seed)
    {
        var random = new Random(seed);
        var server = new InMemorySharedCache();
        var trace = new List<string>();
        var calls = new Dictionary<string, int>();
        var links = new List<InMemorySharedCacheLink>();
        for (var i = 0; i < 3; i++)
        {
            var node = i;
            var link = server.Connect();
            link.Subscribe(new SharedCacheRecorder(heard => trace.Add($"{node} heard {heard}")));
            link.Delivery = InMemoryDelivery.Manual;
            links.Add(link);
        }

        for (var step = 0; step < 80; step++)
        {
            var node = random.Next(links.Count);
            var link = links[node];
            switch (random.Next(10))
            {
                case < 3:
                    var story = $"{node} {(char)('a' + random.Next(3))}";
                    _ = CallAsync(link, story, calls[story] = calls.GetValueOrDefault(story) + 1);
                    break;
                case < 7:
                    link.DeliverOperation(random.Next(6));
                    break;
                case 7:
                    link.DeliverMessage();
                    break;
                case 8:
                    link.Freeze();
                    break;
                default:
                    link.Thaw();
                    break;
            }
        }

        foreach (var link in links)
        {
            link.Thaw();
            link.Delivery = InMemoryDelivery.Immediate;
        }

        Assert.Equal(calls.Values.Sum() * 4, trace.Count);
        return trace;

        async Task CallAsync(ISharedCache link, string story, int n)
        {
            await link.SetAsync(story[2..], Bytes($"{n}"), null, Bytes($"{story} {n}")).ConfigureAwait(false);
            trace.Add($"{story} answered {n}");
        }
    }

    private sealed class SynchronizationContextThatPosts : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(_ => d(state));
    }
}
