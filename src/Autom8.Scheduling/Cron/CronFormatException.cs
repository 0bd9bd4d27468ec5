namespace Autom8.Scheduling.Cron;

/// <summary>Thrown by <see cref="CronSchedule.Parse(string, string, string)"/> and <see cref="Schedules.Schedule.Parse"/> for a text or zone that cannot be used; <see cref="Error"/> says where and what would be right.</summary>
public sealed class CronFormatException : FormatException
{
    /// <summary>Creates the exception for one error.</summary>
    public CronFormatException(CronError error)
        : base((error ?? throw new ArgumentNullException(nameof(error))).ToString()) => Error = error;

    /// <summary>Column, problem and hint.</summary>
    public CronError Error { get; }
}
