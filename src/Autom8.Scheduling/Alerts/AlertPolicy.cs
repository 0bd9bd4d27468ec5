namespace Autom8.Scheduling.Alerts;

/// <summary>What of a task people are alerted to. The default: its first failure, and that it is over.</summary>
public sealed record AlertPolicy
{
    /// <summary>The policy of a task that has none of its own.</summary>
    public static AlertPolicy Default { get; } = new();

    /// <summary>Whether failures are alerted to: the first one, and the success that ends them. Default true.</summary>
    public bool OnFailure { get; init; } = true;

    /// <summary>Whether an attempt that is tried again is a failure too. Default false: a retry that helps wakes nobody.</summary>
    public bool OnRetry { get; init; }

    /// <summary>How late an occurrence may begin, up to 366 days; null for any time.</summary>
    public TimeSpan? LateAfter { get; init; }

    /// <summary>How long the task may be without a success, whatever the reason, 1 second to 366 days; null for any time. Leave room for how long a run takes.</summary>
    public TimeSpan? ExpectSuccessEvery { get; init; }

    /// <summary>How often a problem that goes on is said again, 1 minute to 366 days; null for never. Default never.</summary>
    public TimeSpan? RemindEvery { get; init; }

    /// <summary>The properties that cannot be used, and their ranges.</summary>
    internal IEnumerable<(string Property, string Range)> Problems()
    {
        (string Property, TimeSpan? Value, TimeSpan Least)[] times =
        [
            (nameof(LateAfter), LateAfter, TimeSpan.Zero),
            (nameof(ExpectSuccessEvery), ExpectSuccessEvery, TimeSpan.FromSeconds(1)),
            (nameof(RemindEvery), RemindEvery, TimeSpan.FromMinutes(1)),
        ];
        foreach (var (property, value, least) in times)
        {
            if (value < least || value > TimeSpan.FromDays(366))
            {
                yield return (property, $"from {least} to 366 days");
            }
        }
    }
}
