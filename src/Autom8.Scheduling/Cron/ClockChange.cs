namespace Autom8.Scheduling.Cron;

/// <summary>A change of the clock, in local seconds: forward when it goes on after what it had seen, back when before.</summary>
/// <param name="Begins">What the clock shows after the change.</param>
/// <param name="Seen">Before which everything has been shown already.</param>
internal readonly record struct ClockChange(long Begins, long Seen);
