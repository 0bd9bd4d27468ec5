using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling;

/// <summary>What kind of request was refused.</summary>
public enum SchedulingError
{
    /// <summary>A field of the definition cannot be used; <see cref="SchedulingException.Field"/> names it.</summary>
    Invalid,

    /// <summary>There is no task of that id.</summary>
    UnknownTask,

    /// <summary>There is no job of that id.</summary>
    UnknownJob,

    /// <summary>The task was changed since it was read: read it again.</summary>
    StaleVersion,

    /// <summary>Another task has that name.</summary>
    NameTaken,

    /// <summary>The run was taken over by another node: what it writes is refused.</summary>
    Fenced,

    /// <summary>The registration is incomplete or contradicts itself.</summary>
    Misconfigured,
}

/// <summary>A request to the scheduler was refused; the message says what to do.</summary>
public sealed class SchedulingException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SchedulingException(SchedulingError error, string message, string? field = null, CronError? cronError = null)
        : base(message)
    {
        Error = error;
        Field = field;
        CronError = cronError;
    }

    /// <summary>What kind of refusal it is.</summary>
    public SchedulingError Error { get; }

    /// <summary>The property of <see cref="Tasks.TaskDefinition"/> that is wrong, when one is; of a policy, with the policy before it: <c>Retry.MaxAttempts</c>.</summary>
    public string? Field { get; }

    /// <summary>Where the schedule is wrong, when it is.</summary>
    public CronError? CronError { get; }
}
