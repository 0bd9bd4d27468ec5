using Autom8.Caching.Distributed;

namespace Autom8.Testing.Caching;

public abstract partial class SharedCacheContract
{
    // Beyond what a double can tell apart, and beyond what is positive when signed.
    private const ulong Large = ulong.MaxValue - 1;
    private const ulong Larger = ulong.MaxValue;

    [Fact]
    public async Task A_lease_is_granted_once_and_the_others_hear_that_a_load_runs()
    {
        var name = Name();

        AssertLease(SharedLeaseStatus.Granted, 0, await LeaseAsync(First, name, Large));
        AssertLease(SharedLeaseStatus.Busy, 0, await LeaseAsync(Second, name, Larger));
        AssertLease(SharedLeaseStatus.Busy, 0, await LeaseAsync(First, name, 3));
        Assert.Null(await First.GetAsync(name, None));
    }

    [Fact]
    public async Task Of_many_who_ask_at_once_one_is_granted_the_lease()
    {
        for (var round = 0; round < 10; round++)
        {
            var name = Name();

            var answers = await AtOnceAsync(16, async (cache, i) => (await LeaseAsync(cache, name, (ulong)i + 1)).Status);

            Assert.Single(answers, SharedLeaseStatus.Granted);
            Assert.Equal(15, answers.Count(static status => status == SharedLeaseStatus.Busy));
        }
    }

    [Fact]
    public async Task The_owner_of_a_lease_fills_once_and_those_who_come_after_are_given_the_value()
    {
        var name = Name();
        await LeaseAsync(First, name, Large);

        Assert.False(await Second.FillAsync(name, Larger, Bytes("another's"), Long));
        Assert.True(await First.FillAsync(name, Large, Bytes("loaded"), Long));
        Assert.False(await First.FillAsync(name, Large, Bytes("again"), Long));

        var late = await LeaseAsync(Second, name, 2);
        Assert.Equal((SharedLeaseStatus.Filled, "loaded"), (late.Status, Text(late.Payload)));
    }

    [Fact]
    public async Task Nothing_is_filled_without_a_lease()
    {
        var name = Name();

        Assert.False(await First.FillAsync(name, 1, Bytes("x"), Long));

        Assert.Null(await First.GetAsync(name, None));
    }

    [Fact]
    public async Task A_lease_that_takes_over_ends_the_older_one()
    {
        var name = Name();
        await LeaseAsync(First, name, 1);

        Assert.Equal(SharedLeaseStatus.Granted, (await LeaseAsync(Second, name, 2, SharedLeaseMode.TakeOver)).Status);

        Assert.False(await First.FillAsync(name, 1, Bytes("old"), Long));
        await First.ReleaseAsync(name, 1);
        Assert.Equal(SharedLeaseStatus.Busy, (await LeaseAsync(First, name, 3)).Status);
        Assert.True(await Second.FillAsync(name, 2, Bytes("new"), Long));
        Assert.Equal("new", await TextAsync(First, name));
    }

    [Fact]
    public async Task Taking_over_needs_no_older_lease_and_does_not_pass_by_a_value()
    {
        var (empty, filled) = (Name(), Name());
        await First.SetAsync(filled, Bytes("there"), Long, Message(""));

        Assert.Equal(SharedLeaseStatus.Granted, (await LeaseAsync(First, empty, 1, SharedLeaseMode.TakeOver)).Status);
        var answer = await LeaseAsync(First, filled, 1, SharedLeaseMode.TakeOver);

        Assert.Equal((SharedLeaseStatus.Filled, "there"), (answer.Status, Text(answer.Payload)));
    }

    [Fact]
    public async Task A_load_that_a_removal_has_overtaken_is_not_stored()
    {
        var name = Name();
        await LeaseAsync(First, name, 1);

        await Second.RemoveAsync(name, Message(""));

        Assert.False(await First.FillAsync(name, 1, Bytes("stale"), Long));
        Assert.Null(await First.GetAsync(name, None));
        Assert.Equal(SharedLeaseStatus.Granted, (await LeaseAsync(Second, name, 2)).Status);
    }

    [Fact]
    public async Task A_load_that_a_removal_has_overtaken_does_not_fill_for_a_younger_one()
    {
        var name = Name();
        await LeaseAsync(First, name, 1);
        await Second.RemoveAsync(name, Message(""));
        await LeaseAsync(Second, name, 2);

        Assert.False(await First.FillAsync(name, 1, Bytes("stale"), Long));
        Assert.True(await Second.FillAsync(name, 2, Bytes("fresh"), Long));

        Assert.Equal("fresh", await TextAsync(First, name));
    }

    [Fact]
    public async Task A_load_that_a_set_has_overtaken_is_not_stored()
    {
        var name = Name();
        await LeaseAsync(First, name, 1);

        await Second.SetAsync(name, Bytes("set"), Long, Message(""));

        Assert.False(await First.FillAsync(name, 1, Bytes("stale"), Long));
        Assert.Equal("set", await TextAsync(First, name));
    }

    [Fact]
    public async Task A_lease_given_back_lets_the_next_in_and_only_its_owner_gives_it_back()
    {
        var name = Name();
        await LeaseAsync(First, name, 1);

        await Second.ReleaseAsync(name, 2);
        Assert.Equal(SharedLeaseStatus.Busy, (await LeaseAsync(Second, name, 2)).Status);
        await First.ReleaseAsync(name, 1);
        Assert.Equal(SharedLeaseStatus.Granted, (await LeaseAsync(Second, name, 2)).Status);

        Assert.False(await First.FillAsync(name, 1, Bytes("given back"), Long));
    }

    [Fact]
    public async Task Giving_a_lease_back_after_the_fill_leaves_the_value()
    {
        var name = Name();
        await LeaseAsync(First, name, 1);
        await First.FillAsync(name, 1, Bytes("loaded"), Long);

        await First.ReleaseAsync(name, 1);

        Assert.Equal("loaded", await TextAsync(Second, name));
    }

    [Fact]
    public async Task An_expired_lease_lets_the_next_in_and_can_no_longer_fill()
    {
        var (asked, alone) = (Name(), Name());
        await LeaseAsync(First, asked, 1, lifetime: Short);
        await LeaseAsync(First, alone, 1, lifetime: Short);

        await PassAsync(Short);

        Assert.Equal(SharedLeaseStatus.Granted, (await LeaseAsync(Second, asked, 2)).Status);
        Assert.False(await First.FillAsync(asked, 1, Bytes("late"), Long));
        Assert.False(await First.FillAsync(alone, 1, Bytes("late"), Long));
        Assert.True(await Second.FillAsync(asked, 2, Bytes("in time"), Long));
    }

    [Fact]
    public async Task An_expired_value_is_loaded_again()
    {
        var name = Name();
        await First.SetAsync(name, Bytes("old"), Short, Message(""));

        await PassAsync(Short);

        Assert.Equal(SharedLeaseStatus.Granted, (await LeaseAsync(First, name, 1)).Status);
        Assert.True(await First.FillAsync(name, 1, Bytes("new"), Long));
    }

    [Fact]
    public async Task Nothing_is_stored_while_a_name_is_fenced()
    {
        var name = Name();
        await First.SetAsync(name, Bytes("old"), Long, Message(""));

        await Second.RemoveAsync(name, Message(""), new SharedFence(Large, Long));

        Assert.Null(await First.GetAsync(name, None));
        Assert.Equal(SharedLeaseStatus.Fenced, (await LeaseAsync(First, name, 1)).Status);
        Assert.Equal(SharedLeaseStatus.Fenced, (await LeaseAsync(First, name, 2, SharedLeaseMode.TakeOver)).Status);
        Assert.False(await First.FillAsync(name, 2, Bytes("loaded"), Long));
        Assert.False(await First.SetAsync(name, Bytes("set"), Long, Message("")));
        Assert.Null(await First.GetAsync(name, None));
    }

    [Fact]
    public async Task A_set_under_a_fence_takes_away_what_an_addition_had_put_there()
    {
        var name = Name();
        await First.RemoveAsync(name, Message(""), new SharedFence(1, Long));
        await First.GetOrAddAsync(name, Bytes("added"), Long);

        Assert.False(await Second.SetAsync(name, Bytes("set"), Long, Message("")));

        Assert.Null(await First.GetAsync(name, None));
    }

    [Fact]
    public async Task A_load_from_before_the_fence_is_stored_neither_under_it_nor_after_it()
    {
        var name = Name();
        await LeaseAsync(First, name, 1);

        await Second.RemoveAsync(name, Message(""), new SharedFence(1, Long));
        Assert.False(await First.FillAsync(name, 1, Bytes("stale"), Long));
        await Second.RemoveAsync(name, Message(""), new SharedFence(1));

        Assert.False(await First.FillAsync(name, 1, Bytes("stale"), Long));
        Assert.Null(await First.GetAsync(name, None));
    }

    [Fact]
    public async Task A_lifted_fence_lets_loads_and_sets_in_again()
    {
        var name = Name();
        await First.RemoveAsync(name, Message(""), new SharedFence(Larger, Long));
        await Second.RemoveAsync(name, Message(""), new SharedFence(Larger));

        AssertLease(SharedLeaseStatus.Granted, 0, await LeaseAsync(First, name, 1));
        Assert.True(await First.FillAsync(name, 1, Bytes("loaded"), Long));
        Assert.True(await First.SetAsync(name, Bytes("set"), Long, Message("")));
        Assert.Equal("set", await TextAsync(Second, name));
    }

    [Fact]
    public async Task Lifting_one_of_two_fences_leaves_the_other()
    {
        var name = Name();
        await First.RemoveAsync(name, Message(""), new SharedFence(Large, Long));
        await Second.RemoveAsync(name, Message(""), new SharedFence(Larger, Long));

        await First.RemoveAsync(name, Message(""), new SharedFence(Large));
        Assert.Equal(SharedLeaseStatus.Fenced, (await LeaseAsync(First, name, 1)).Status);
        await First.RemoveAsync(name, Message(""), new SharedFence(Large));
        Assert.Equal(SharedLeaseStatus.Fenced, (await LeaseAsync(First, name, 1)).Status);
        await Second.RemoveAsync(name, Message(""), new SharedFence(Larger));
        Assert.Equal(SharedLeaseStatus.Granted, (await LeaseAsync(First, name, 1)).Status);
    }

    [Fact]
    public async Task A_removal_without_a_fence_leaves_those_that_stand()
    {
        var name = Name();
        await First.RemoveAsync(name, Message(""), new SharedFence(1, Long));

        await Second.RemoveAsync(name, Message(""));

        Assert.Equal(SharedLeaseStatus.Fenced, (await LeaseAsync(First, name, 1)).Status);
    }

    [Fact]
    public async Task A_fence_that_nobody_lifts_ends_with_its_lifetime_and_leaves_the_other()
    {
        var (alone, together) = (Name(), Name());
        await First.RemoveAsync(alone, Message(""), new SharedFence(1, Short));
        await First.RemoveAsync(together, Message(""), new SharedFence(1, Short));
        await First.RemoveAsync(together, Message(""), new SharedFence(2, Long));

        await PassAsync(Short);

        Assert.Equal(SharedLeaseStatus.Granted, (await LeaseAsync(Second, alone, 1)).Status);
        Assert.Equal(SharedLeaseStatus.Fenced, (await LeaseAsync(Second, together, 1)).Status);
        Assert.False(await Second.SetAsync(together, Bytes("x"), Long, Message("")));
    }

    [Fact]
    public async Task A_short_fence_does_not_shorten_a_long_one_and_raising_again_prolongs()
    {
        var (after, again) = (Name(), Name());
        await First.RemoveAsync(after, Message(""), new SharedFence(1, Long));
        await First.RemoveAsync(after, Message(""), new SharedFence(2, Short));
        await First.RemoveAsync(again, Message(""), new SharedFence(1, Short));
        await First.RemoveAsync(again, Message(""), new SharedFence(1, Long));

        await PassAsync(Short);

        Assert.Equal(SharedLeaseStatus.Fenced, (await LeaseAsync(Second, after, 1)).Status);
        Assert.Equal(SharedLeaseStatus.Fenced, (await LeaseAsync(Second, again, 1)).Status);
    }

    [Fact]
    public async Task Lifting_a_fence_removes_the_value_and_ends_the_lease()
    {
        var (value, lease) = (Name(), Name());
        await First.SetAsync(value, Bytes("x"), Long, Message(""));
        await LeaseAsync(First, lease, 1);

        await Second.RemoveAsync(value, Message(""), new SharedFence(1));
        await Second.RemoveAsync(lease, Message(""), new SharedFence(1));

        Assert.Null(await First.GetAsync(value, None));
        Assert.False(await First.FillAsync(lease, 1, Bytes("x"), Long));
    }

    [Fact]
    public async Task The_position_given_with_the_lifting_is_reported_with_the_leases_that_follow()
    {
        var (name, other) = (Name(), Name());
        await First.RemoveAsync(name, Message(""), new SharedFence(1, Long));
        await First.RemoveAsync(name, Message(""), new SharedFence(1, TimeSpan.Zero, 42));

        AssertLease(SharedLeaseStatus.Granted, 42, await LeaseAsync(Second, name, 1));
        AssertLease(SharedLeaseStatus.Granted, 42, await LeaseAsync(First, name, 2, SharedLeaseMode.TakeOver));
        Assert.True(await First.FillAsync(name, 2, Bytes("x"), Long));
        await First.RemoveAsync(name, Message(""));
        AssertLease(SharedLeaseStatus.Granted, 42, await LeaseAsync(Second, name, 3));
        AssertLease(SharedLeaseStatus.Granted, 0, await LeaseAsync(Second, other, 1));
    }

    [Fact]
    public async Task Of_two_positions_the_larger_is_reported_whichever_came_last()
    {
        var (upwards, downwards) = (Name(), Name());
        await First.RemoveAsync(upwards, Message(""), new SharedFence(1, TimeSpan.Zero, Large));
        await Second.RemoveAsync(upwards, Message(""), new SharedFence(2, TimeSpan.Zero, Larger));
        await First.RemoveAsync(downwards, Message(""), new SharedFence(1, TimeSpan.Zero, 10));
        await Second.RemoveAsync(downwards, Message(""), new SharedFence(2, TimeSpan.Zero, 9));

        Assert.Equal(Larger, (await LeaseAsync(First, upwards, 1)).Position);
        Assert.Equal(10ul, (await LeaseAsync(First, downwards, 1)).Position);
    }

    private static void AssertLease(SharedLeaseStatus status, ulong position, SharedLease lease)
    {
        Assert.Equal((status, position), (lease.Status, lease.Position));
        Assert.Equal(0, lease.Payload.Length);
    }

    private static ValueTask<SharedLease> LeaseAsync(
        ISharedCache cache,
        string name,
        ulong token,
        SharedLeaseMode mode = SharedLeaseMode.Miss,
        TimeSpan? lifetime = null
    ) => cache.LeaseAsync(name, token, lifetime ?? Long, mode, None);
}
