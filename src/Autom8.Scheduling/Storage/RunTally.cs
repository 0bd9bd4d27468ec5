using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage;

/// <summary>Counts and measures runs, for the stores that cannot.</summary>
internal sealed class RunTally(int limit)
{
    private readonly long[] _counts = new long[Enum.GetValues<ExecutionStatus>().Length];
    private readonly List<long> _durations = [];
    private readonly List<long> _lateness = [];
    private int _seen;
    private DateTimeOffset _oldest = DateTimeOffset.MaxValue;
    private DateTimeOffset? _lastSuccess;

    /// <summary>Adds a run of the window.</summary>
    /// <param name="counts">Whether it is one of those that were asked for; one that is not only takes its place in the limit.</param>
    /// <param name="status">How it went.</param>
    /// <param name="attempt">Which attempt it was, from 1.</param>
    /// <param name="scheduledAt">When it was to begin.</param>
    /// <param name="startedAt">When it began.</param>
    /// <param name="completedAt">When it ended.</param>
    public void Add(
        bool counts,
        ExecutionStatus status,
        int attempt,
        DateTimeOffset scheduledAt,
        DateTimeOffset startedAt,
        DateTimeOffset completedAt
    )
    {
        _seen++;
        _oldest = completedAt < _oldest ? completedAt : _oldest;
        if (!counts)
        {
            return;
        }

        _counts[(int)status]++;
        if (status is not (ExecutionStatus.Succeeded or ExecutionStatus.Failed))
        {
            return;
        }

        if (status == ExecutionStatus.Succeeded && !(completedAt <= _lastSuccess))
        {
            _lastSuccess = completedAt;
        }

        _durations.Add((completedAt - startedAt).Ticks);
        if (attempt == 1)
        {
            _lateness.Add(Math.Max((startedAt - scheduledAt).Ticks, 0));
        }
    }

    public JobStatistics Result(DateTimeOffset since, DateTimeOffset until)
    {
        _durations.Sort();
        _lateness.Sort();
        return new()
        {
            Since = _seen < limit ? since : _oldest,
            Until = until,
            Succeeded = _counts[(int)ExecutionStatus.Succeeded],
            Failed = _counts[(int)ExecutionStatus.Failed],
            Abandoned = _counts[(int)ExecutionStatus.Abandoned],
            Cancelled = _counts[(int)ExecutionStatus.Cancelled],
            Interrupted = _counts[(int)ExecutionStatus.Interrupted],
            Snoozed = _counts[(int)ExecutionStatus.Snoozed],
            Durations =
                _durations.Count == 0
                    ? null
                    : new(
                        TimeSpan.FromMicroseconds(Math.Round(_durations.Average() / TimeSpan.TicksPerMicrosecond)),
                        Percentile(_durations, 50),
                        Percentile(_durations, 95),
                        Percentile(_durations, 100)
                    ),
            Lateness = _lateness.Count == 0 ? null : new(Percentile(_lateness, 50), Percentile(_lateness, 95), Percentile(_lateness, 100)),
            LastSuccess = _lastSuccess,
        };
    }

    // The nearest rank, as percentile_disc has it: the first value that so many per cent of them do not exceed.
    private static TimeSpan Percentile(List<long> sorted, int percent) =>
        TimeSpan.FromTicks(sorted[(int)((((long)sorted.Count * percent) + 99) / 100) - 1]);
}
