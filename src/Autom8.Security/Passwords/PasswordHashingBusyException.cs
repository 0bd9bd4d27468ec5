namespace Autom8.Security.Passwords;

/// <summary>
/// Too many password hashes run and wait already; nothing was computed. Answer 503 (or 429) with a Retry-After of <see cref="RetryAfter"/>.
/// </summary>
public sealed class PasswordHashingBusyException : Exception
{
    internal PasswordHashingBusyException(TimeSpan retryAfter)
        : base("Too many password hashes are running and waiting. Try again later, or raise Autom8:Security:Passwords:QueueLimit.") =>
        RetryAfter = retryAfter;

    /// <summary>When to come back.</summary>
    public TimeSpan RetryAfter { get; }
}
