namespace Autom8.Security.Accounts;

/// <summary>
/// When wrong passwords lock an account: the fifth in a row for 30 seconds, each further one for twice as long, up to 15 minutes. An attacker who never stops
/// gets about 100 guesses a day. He can keep the account locked for as long as he goes on; once he stops, whoever knows the password waits 15 minutes at most.
/// </summary>
internal static class LockOut
{
    public const int Threshold = 5;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>Until when so many wrong passwords in a row, the last of them now, lock the account.</summary>
    public static DateTimeOffset? Until(int failedAttempts, DateTimeOffset now)
    {
        if (failedAttempts < Threshold)
        {
            return null;
        }

        var doublings = Math.Min(failedAttempts - Threshold, 10);
        var length = Shortest * (1 << doublings);
        return now + (length < Longest ? length : Longest);
    }

    /// <summary>How long the account is still locked, or null.</summary>
    public static TimeSpan? Remaining(Account account, DateTimeOffset now) =>
        account.LockedUntil is { } until && until > now ? until - now : null;
}
