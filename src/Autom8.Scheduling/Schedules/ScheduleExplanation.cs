namespace Autom8.Scheduling.Schedules;

/// <summary>A schedule told to people: what it does, when it does it next, and what they may not expect.</summary>
/// <param name="Description">When it runs, in English, with its time zone.</param>
/// <param name="Next">Its next occurrences in order, with the offset of its time zone; fewer than were asked for when it ends.</param>
/// <param name="Warnings">What is likely to surprise: that it never runs, and what the clock changes of the next two years do to it.</param>
public sealed record ScheduleExplanation(string Description, IReadOnlyList<DateTimeOffset> Next, IReadOnlyList<string> Warnings);
