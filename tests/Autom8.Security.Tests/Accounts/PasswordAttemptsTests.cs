using Autom8.Security.Accounts;
using Autom8.Security.Passwords;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Accounts;

public sealed class PasswordAttemptsTests
{
    private static readonly DateTimeOffset Now = Keyrings.Start;

    [Fact]
    public void An_attempt_at_a_hash_that_has_changed_meanwhile_says_nothing()
    {
        foreach (var verdict in Enum.GetValues<PasswordVerdict>())
        {
            var judged = PasswordAttempts.Judge(Stored(), new PasswordAttempt("older", verdict, Now, null));
            Assert.Equal(AttemptOutcome.Stale, judged.Outcome);
            Assert.Null(judged.Next);
            Assert.Empty(judged.Events);
        }
    }

    [Fact]
    public void An_attempt_that_was_not_looked_at_is_made_again_when_the_lock_is_over()
    {
        Assert.Equal(AttemptOutcome.Stale, PasswordAttempts.Judge(Stored(), Attempt(null)).Outcome);
        Assert.Equal(
            AttemptOutcome.LockedOut,
            PasswordAttempts.Judge(Stored(a => a with { LockedUntil = Now.AddTicks(10) }), Attempt(null)).Outcome
        );
    }

    [Theory]
    [InlineData(PasswordVerdict.Right)]
    [InlineData(PasswordVerdict.Wrong)]
    public void A_guess_that_was_computed_before_others_locked_the_account_does_not_count(PasswordVerdict verdict)
    {
        var judged = PasswordAttempts.Judge(Stored(a => a with { FailedAttempts = 5, LockedUntil = Now.AddSeconds(30) }), Attempt(verdict));
        Assert.Equal((AttemptOutcome.LockedOut, TimeSpan.FromSeconds(30)), (judged.Outcome, judged.RetryAfter));
        Assert.Null(judged.Next);
    }

    [Fact]
    public void An_account_that_is_gone_or_was_disabled_meanwhile_is_refused()
    {
        Assert.Equal(AttemptOutcome.Refused, PasswordAttempts.Judge(null, Attempt(PasswordVerdict.Right)).Outcome);
        var judged = PasswordAttempts.Judge(Stored(a => a with { State = AccountState.Disabled }), Attempt(PasswordVerdict.Right));
        Assert.Equal(AttemptOutcome.Refused, judged.Outcome);
        Assert.Null(judged.Next);
    }

    [Property]
    public bool A_lock_out_never_shortens_and_is_bounded(PositiveInt failed) =>
        LockOut.Until(failed.Get, Now) is { } until
            ? failed.Get >= 5
                && until >= (LockOut.Until(failed.Get - 1, Now) ?? Now)
                && until - Now <= TimeSpan.FromMinutes(15)
                && until - Now >= TimeSpan.FromSeconds(30)
            : failed.Get < 5;

    [Fact]
    public void A_lock_out_stays_bounded_after_very_many_failures() => Assert.Equal(Now.AddMinutes(15), LockOut.Until(int.MaxValue, Now));

    private static PasswordAttempt Attempt(PasswordVerdict? verdict) => new("hash", verdict, Now, null);

    private static StoredAccount Stored(Func<Account, Account>? change = null)
    {
        var account = new Account(
            Guid.CreateVersion7(Now),
            "ana",
            [AccountRoles.Viewer],
            AccountState.Active,
            false,
            null,
            1,
            0,
            null,
            1,
            Now,
            Now
        );
        return new StoredAccount(change is null ? account : change(account), "hash");
    }
}
