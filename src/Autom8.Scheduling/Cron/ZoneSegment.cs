namespace Autom8.Scheduling.Cron;

/// <summary>A stretch of time with one UTC offset.</summary>
/// <param name="At">Where it begins, in UTC; the first segment is without beginning.</param>
/// <param name="Seen">The local second before which every wall-clock time has been passed already (or skipped) when the segment begins.</param>
/// <param name="Offset">Local time minus UTC, in seconds.</param>
internal readonly record struct ZoneSegment(long At, long Seen, int Offset);
