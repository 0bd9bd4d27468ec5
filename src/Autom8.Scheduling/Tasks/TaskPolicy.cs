using System.Text.Json;
using System.Text.Json.Serialization;
using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Jobs;

namespace Autom8.Scheduling.Tasks;

/// <summary>The part of a definition that only the engine reads, as it stands in the database: JSON without what is null.</summary>
/// <remarks>Settable: what generated code reads into init-only properties loses their defaults, and an older version, or a migration, wrote less.</remarks>
internal sealed record TaskPolicy
{
    public string? Queue { get; set; }

    public JobPriority? Priority { get; set; }

    public MisfirePolicy Misfire { get; set; } = MisfirePolicy.Once;

    public int MisfireLimit { get; set; } = 100;

    public long MisfireWindowMs { get; set; } = 86_400_000;

    public OverlapPolicy Overlap { get; set; }

    public int MaxActive { get; set; } = 1;

    public long? TimeoutMs { get; set; }

    public RetryPolicy? Retry { get; set; }

    public AlertPolicy? Alerts { get; init; }

    public static TaskPolicy Read(string text) => JsonSerializer.Deserialize(text, PolicyJson.Default.TaskPolicy)!;

    public static string Text(TaskDefinition task) =>
        JsonSerializer.Serialize(
            new TaskPolicy
            {
                Queue = task.Queue,
                Priority = task.Priority,
                Misfire = task.Misfire,
                MisfireLimit = task.MisfireLimit,
                MisfireWindowMs = (long)task.MisfireWindow.TotalMilliseconds,
                Overlap = task.Overlap,
                MaxActive = task.MaxActive,
                TimeoutMs = (long?)task.Timeout?.TotalMilliseconds,
                Retry = task.Retry,
                Alerts = task.Alerts,
            },
            PolicyJson.Default.TaskPolicy
        );

    public static ScheduledTask Apply(ScheduledTask task, string text)
    {
        if (text is "{}")
        {
            return task;
        }

        var policy = Read(text);
        return task with
        {
            Queue = policy.Queue,
            Priority = policy.Priority,
            Misfire = policy.Misfire,
            MisfireLimit = policy.MisfireLimit,
            MisfireWindow = TimeSpan.FromMilliseconds(policy.MisfireWindowMs),
            Overlap = policy.Overlap,
            MaxActive = policy.MaxActive,
            Timeout = policy.TimeoutMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            Retry = policy.Retry,
            Alerts = policy.Alerts,
        };
    }
}

/// <summary>How one job differs from what its registration says, as it stands in the database.</summary>
internal sealed record JobPolicy
{
    public long? TimeoutMs { get; init; }

    public RetryPolicy? Retry { get; init; }

    /// <summary>Null when nothing differs, which is the common case: then nothing is stored, and nothing read.</summary>
    public static string? Text(TimeSpan? timeout, RetryPolicy? retry) =>
        timeout is null && retry is null
            ? null
            : JsonSerializer.Serialize(
                new JobPolicy { TimeoutMs = (long?)timeout?.TotalMilliseconds, Retry = retry },
                PolicyJson.Default.JobPolicy
            );

    public static JobPolicy Read(string text) => JsonSerializer.Deserialize(text, PolicyJson.Default.JobPolicy)!;
}

/// <summary>How policies are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(TaskPolicy))]
[JsonSerializable(typeof(JobPolicy))]
internal sealed partial class PolicyJson : JsonSerializerContext;
