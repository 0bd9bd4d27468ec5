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

    /// <summary>How late an occurrence may begin; null for any time.</summary>
    public TimeSpan? LateAfter { get; init; }

    /// <summary>How long the task may be without a success, whatever the reason; null for any time. Leave room for how long a run takes.</summary>
    public TimeSpan? ExpectSuccessEvery { get; init; }

    /// <summary>How often a problem that goes on is said again; null for never. Default never.</summary>
    public TimeSpan? RemindEvery { get; init; }
}
