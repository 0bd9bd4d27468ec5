namespace Autom8.Scheduling.Schedules;

/// <summary>What a clock change does to a schedule.</summary>
/// <param name="Date">The local date of the occurrences concerned.</param>
/// <param name="Text">A sentence.</param>
internal sealed record ClockChangeNote(DateOnly Date, string Text);
