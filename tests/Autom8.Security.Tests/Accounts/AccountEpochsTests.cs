using Autom8.Security.Accounts;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Accounts;

public sealed class AccountEpochsTests
{
    private static readonly Guid Id = Guid.CreateVersion7(Keyrings.Start);

    private readonly FakeTimeProvider time = new(Keyrings.Start);
    private readonly ScriptedStore store = new();
    private readonly AccountEpochs epochs;

    public AccountEpochsTests() => epochs = new AccountEpochs(store, time);

    [Fact]
    public async Task Within_a_second_nothing_is_asked_and_after_it_one_number_for_all_accounts()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(7, await epochs.CurrentAsync(Id, default));
        }

        Assert.Equal((1, 1), (store.EpochsRead, store.ChangesRead));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(7, await epochs.CurrentAsync(Id, default));
        Assert.Equal((1, 2), (store.EpochsRead, store.ChangesRead));
    }

    [Fact]
    public async Task A_change_by_another_node_is_seen_within_a_second()
    {
        Assert.Equal(7, await epochs.CurrentAsync(Id, default));
        store.Change(8);
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(7, await epochs.CurrentAsync(Id, default));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(8, await epochs.CurrentAsync(Id, default));
    }

    [Fact]
    public async Task A_change_by_this_process_is_seen_at_once()
    {
        Assert.Equal(7, await epochs.CurrentAsync(Id, default));
        store.Change(null);
        epochs.Forget();
        Assert.Null(await epochs.CurrentAsync(Id, default));
    }

    [Fact]
    public async Task What_was_read_before_a_change_is_not_remembered_after_it()
    {
        _ = await epochs.CurrentAsync(Guid.Empty, default);
        var reading = store.HoldEpochs();
        var first = epochs.CurrentAsync(Id, default);
        store.Change(8);
        epochs.Forget();
        reading.SetResult();
        Assert.Equal(7, await first); // as it was when it was asked for
        Assert.Equal(8, await epochs.CurrentAsync(Id, default));
    }

    [Fact]
    public async Task A_database_that_fails_is_lived_without_for_half_a_minute()
    {
        Assert.Equal(7, await epochs.CurrentAsync(Id, default));
        store.Failure = new IOException("gone");
        time.Advance(TimeSpan.FromMilliseconds(29_999));
        Assert.Equal(7, await epochs.CurrentAsync(Id, default));
        time.Advance(TimeSpan.FromMilliseconds(1));
        var unknown = await Assert.ThrowsAsync<EpochsUnknownException>(async () => await epochs.CurrentAsync(Id, default));
        Assert.Same(store.Failure, unknown.InnerException);
        Assert.Equal(TimeSpan.FromSeconds(1), unknown.RetryAfter);
        store.Failure = null;
        Assert.Equal(7, await epochs.CurrentAsync(Id, default));
    }

    [Fact]
    public async Task A_database_that_hangs_is_waited_for_briefly_and_once()
    {
        Assert.Equal(7, await epochs.CurrentAsync(Id, default));
        time.Advance(TimeSpan.FromSeconds(1));
        var changes = store.HoldChanges();
        var first = epochs.CurrentAsync(Id, default).AsTask();
        await store.Held;
        Assert.False(first.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(7, await first);
        var second = epochs.CurrentAsync(Id, default);
        Assert.True(second.IsCompletedSuccessfully); // the question is still open: nobody waits for it again
        Assert.Equal(2, store.ChangesRead);
        changes.SetResult();
    }

    [Fact]
    public async Task A_process_that_has_never_heard_lets_nobody_in()
    {
        store.Failure = new IOException("gone");
        await Assert.ThrowsAsync<EpochsUnknownException>(async () => await epochs.CurrentAsync(Id, default));
    }

    [Fact]
    public async Task Whoever_is_not_remembered_is_not_let_in_while_the_database_fails_or_hangs()
    {
        Assert.Equal(7, await epochs.CurrentAsync(Id, default));
        store.Failure = new IOException("gone");
        var unknown = await Assert.ThrowsAsync<EpochsUnknownException>(async () => await epochs.CurrentAsync(Guid.Empty, default));
        Assert.Same(store.Failure, unknown.InnerException);

        store.Failure = null;
        var reading = store.HoldEpochs();
        var hanging = epochs.CurrentAsync(Guid.Empty, default).AsTask();
        time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<EpochsUnknownException>(() => hanging);
        reading.SetResult();
        Assert.Equal(7, await epochs.CurrentAsync(Guid.Empty, default));
    }

    [Fact]
    public async Task Whoever_cancels_is_not_told_of_an_outage()
    {
        var reading = store.HoldEpochs();
        using var gone = new CancellationTokenSource();
        var asking = epochs.CurrentAsync(Id, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        reading.SetResult();
    }

    /// <summary>One epoch for every account; answers as the test says.</summary>
    private sealed class ScriptedStore : IEpochSource
    {
        private readonly TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? heldEpochs;
        private TaskCompletionSource? heldChanges;
        private long? epoch = 7;
        private long changes = 1;

        public int EpochsRead { get; private set; }

        public int ChangesRead { get; private set; }

        public Exception? Failure { get; set; }

        /// <summary>The question that is held has been asked.</summary>
        public Task Held => held.Task;

        public void Change(long? to) => (epoch, changes) = (to, changes + 1);

        public TaskCompletionSource HoldEpochs() => heldEpochs = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource HoldChanges() => heldChanges = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<long?> EpochAsync(Guid id, CancellationToken ct)
        {
            EpochsRead++;
            var read = epoch;
            if (Interlocked.Exchange(ref heldEpochs, null) is { } hold)
            {
                await hold.Task;
            }

            return Failure is null ? read : throw Failure;
        }

        public async ValueTask<long> ChangesAsync(CancellationToken ct)
        {
            ChangesRead++;
            var read = changes;
            if (Interlocked.Exchange(ref heldChanges, null) is { } hold)
            {
                held.SetResult();
                await hold.Task;
            }

            return Failure is null ? read : throw Failure;
        }
    }
}
