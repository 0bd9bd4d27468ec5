using System.Text.Json;

namespace Autom8.Scheduling.Alerts;

/// <summary>What <see cref="AlertRules"/> remember of a task between two runs. The default value is a task nothing is known of.</summary>
/// <remarks>Kept beside the task, and written in the transaction that records the run's outcome, it makes all nodes agree on who alerts to what.</remarks>
public readonly record struct AlertState
{
    /// <summary>When a run last succeeded.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>When a run last failed.</summary>
    public DateTimeOffset? LastFailure { get; init; }

    /// <summary>How many runs have failed since the last success.</summary>
    public int ConsecutiveFailures { get; init; }

    /// <summary>Since when a success is expected, if none has been seen.</summary>
    public DateTimeOffset? WatchedSince { get; init; }

    /// <summary>The newest occurrence whose start was judged: an occurrence that begins again is not late again.</summary>
    public DateTimeOffset? JudgedUntil { get; init; }

    /// <summary>The failure that people were alerted to and that is not over.</summary>
    public AlertProblem? Failure { get; init; }

    /// <summary>Whether they were alerted that attempts are exhausted.</summary>
    public bool IsDead { get; init; }

    /// <summary>The lateness that people were alerted to and that is not over.</summary>
    public AlertProblem? Lateness { get; init; }

    /// <summary>The lack of success that people were alerted to and that is not over.</summary>
    public AlertProblem? Absence { get; init; }

    /// <summary>The state of a task that was paused and is now watched again: a success is expected from here on.</summary>
    public AlertState WatchFrom(DateTimeOffset now) => this with { WatchedSince = now };

    /// <summary>The state as JSON, <c>{}</c> for the default: to be kept by a store.</summary>
    public string Export() => JsonSerializer.Serialize(this, AlertJson.Default.AlertState);

    /// <summary>Reads what <see cref="Export"/> wrote. What this version does not know is passed over, so that nodes of two versions can share a store.</summary>
    /// <exception cref="JsonException">It was not written by it.</exception>
    public static AlertState Import(string json) => JsonSerializer.Deserialize(json, AlertJson.Default.AlertState);
}

/// <summary>A problem that people were alerted to.</summary>
/// <param name="Since">When it began.</param>
/// <param name="AlertedAt">When they were last told.</param>
/// <param name="Reminders">How often they were told again.</param>
public readonly record struct AlertProblem(DateTimeOffset Since, DateTimeOffset AlertedAt, int Reminders = 0);
