namespace Autom8.Security.Accounts;

/// <summary>How long one stays signed in, section <c>Autom8:Security:RefreshTokens</c>.</summary>
public sealed class RefreshTokenOptions
{
    /// <summary>How long after a sign-in its refresh tokens end, however often they are used: 1 minute to 400 days. Default 30 days.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a refresh token may lie unused: 1 minute to <see cref="Lifetime"/>. Default 7 days.</summary>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long after its use a refresh token, presented again, is answered with the same successor: 0 to 5 minutes. Default 10 seconds. It covers an answer that
    /// was lost and two processes that refresh at once; after it a second use means that somebody else has the token. On PostgreSQL
    /// it is longer by <see cref="Tokens.TokenOptions.ClockSkew"/>, since each node goes by its own clock.
    /// </summary>
    public TimeSpan ReuseGrace { get; set; } = TimeSpan.FromSeconds(10);

    internal IEnumerable<string> Problems()
    {
        const string section = "Autom8:Security:RefreshTokens";
        if (Lifetime < TimeSpan.FromMinutes(1) || Lifetime > TimeSpan.FromDays(400))
        {
            yield return $"{section}:Lifetime is {Lifetime:c}; it must be 00:01:00 to 400.00:00:00, such as 30.00:00:00.";
        }

        if (IdleLifetime < TimeSpan.FromMinutes(1) || IdleLifetime > Lifetime)
        {
            yield return $"{section}:IdleLifetime is {IdleLifetime:c}; it must be 00:01:00 to the Lifetime ({Lifetime:c}), such as 7.00:00:00.";
        }

        if (ReuseGrace < TimeSpan.Zero || ReuseGrace > TimeSpan.FromMinutes(5))
        {
            yield return $"{section}:ReuseGrace is {ReuseGrace:c}; it must be 00:00:00 to 00:05:00, such as 00:00:10.";
        }
    }
}
