namespace Autom8.Scheduling.Cron;

/// <summary>Why a cron expression, a schedule or its time zone was refused, precisely enough to mend it.</summary>
/// <param name="Column">Where in the text, counted from 1; 0 when the time zone is what is wrong.</param>
/// <param name="Problem">What is wrong there. It never repeats what was written.</param>
/// <param name="Hint">What would be right.</param>
public sealed record CronError(int Column, string Problem, string Hint)
{
    /// <summary>The error as one line for people.</summary>
    public override string ToString() =>
        Column == 0 ? $"{Problem} {Hint}" : FormattableString.Invariant($"Column {Column}: {Problem} {Hint}");
}
