using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Accounts;

public sealed class RefreshTokenCleanupTests
{
    [Fact]
    public async Task It_goes_on_in_batches_until_nothing_is_left_every_hour_and_after_a_failure_too()
    {
        var time = new FakeTimeProvider(Keyrings.Start);
        var tokens = new Ended(1_234);
        using var cleanup = new RefreshTokenCleanup(tokens, time, NullLogger<RefreshTokenCleanup>.Instance);
        Assert.Equal(1_234, await cleanup.RunAsync(CancellationToken.None));
        Assert.Equal([500, 500, 234], tokens.Batches);

        await cleanup.StartAsync(CancellationToken.None);
        foreach (var failing in (bool[])[true, false])
        {
            var next = tokens.Next(failing);
            time.Advance(TimeSpan.FromHours(1));
            await next.WaitAsync(TimeSpan.FromSeconds(30));
        }

        await cleanup.StopAsync(CancellationToken.None);
    }

    private sealed class Ended(int left) : IRefreshTokens
    {
        private TaskCompletionSource called = new();
        private bool failing;

        public List<int> Batches { get; } = [];

        public Task Next(bool fails)
        {
            failing = fails;
            called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return called.Task;
        }

        public ValueTask<int> RemoveEndedAsync(int limit, CancellationToken cancellationToken = default)
        {
            var removed = Math.Min(limit, left);
            left -= removed;
            Batches.Add(removed);
            called.TrySetResult();
            return failing ? ValueTask.FromException<int>(new TimeoutException()) : ValueTask.FromResult(removed);
        }

        public ValueTask<RefreshToken> IssueAsync(Account account, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<RefreshResult> RotateAsync(string presented, string? requestId, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<bool> RevokeAsync(string presented, string? requestId, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<int> RevokeAccountAsync(Guid accountId, AuditActor actor, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask<int> RevokeAllAsync(AuditActor actor, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
