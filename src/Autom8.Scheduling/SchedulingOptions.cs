using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling;

/// <summary>Settings of the scheduler, bound from <c>Autom8:Scheduling</c> and checked at start.</summary>
public sealed class SchedulingOptions
{
    /// <summary>Whether this process runs tasks; false for a node that only manages them. Default true.</summary>
    public bool RunTasks { get; set; } = true;

    /// <summary>How many jobs of the executor <c>default</c> this process runs at once, 1 to 1,000. It serves every queue that is named in <see cref="Queues"/>. Default 8.</summary>
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>The queues of the executor <c>default</c>, the one it prefers first, besides <c>default</c> itself.</summary>
    public IList<string> Queues { get; } = [];

    /// <summary>
    /// Further executors by name, with queues and a number of their own: what fills one does not hold up the others. Three are there from the start: <c>default</c>; <c>cpu</c>, with a thread for each processor,
    /// for work that computes; and <c>maintenance</c>, with two, for cleanup and its like. One that is named here as well is as it is said here.
    /// </summary>
    public IDictionary<string, ExecutorOptions> Executors { get; } = new Dictionary<string, ExecutorOptions>(StringComparer.Ordinal);

    /// <summary>How long before it is due a job is claimed and set ready, 0 to 10 seconds. What is claimed begins at its time to a fraction of a millisecond. Default 1.5 seconds.</summary>
    public TimeSpan ClaimAhead { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long this process may be unaware of what another node changed, 10 ms to 1 minute. Its own changes wake it at once. Default 1 second.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a node's jobs are left to it when it is not heard of, 1 second to 1 hour; renewed three times as often. On PostgreSQL a process that dies is noticed sooner. Default 15 seconds.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long running jobs may go on when the process stops, before they are cancelled; 0 to 1 hour. Default 20 seconds.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a run may go on after it was told to stop (by its timeout, a cancellation, or the end of the process), 1 second to 1 hour. After that it is stuck: it counts as stopped, what it still reports is refused, and
    /// another job gets its place; at most as many places of an executor are given away like this as it has. Default 30 seconds.
    /// </summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How late an occurrence may be and still count as on time, 0 to 1 day; what is later is for the task's <see cref="MisfirePolicy"/>. Default 1 minute.</summary>
    public TimeSpan MisfireThreshold { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many nodes may die while they have a job before it is not run again, 1 to 100. Default 3.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>How long finished executions are kept by the <c>cleanup</c> task, 1 minute to 10 years. Default 30 days.</summary>
    public TimeSpan HistoryRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>What this process is called in the history, at most 100 characters. Default machine name and process id.</summary>
    public string Node { get; set; } = FormattableString.Invariant($"{Environment.MachineName}/{Environment.ProcessId}");

    /// <summary>
    /// Tasks by name, in addition to those that code declares, or on top of them. They are declared as code declares its own: made at the first start; later what the settings change is taken over, except where somebody has
    /// changed the same property since. One that is no longer named here stays until it is deleted.
    /// </summary>
    public IDictionary<string, ConfiguredTask> Tasks { get; } = new Dictionary<string, ConfiguredTask>(StringComparer.OrdinalIgnoreCase);

    internal IEnumerable<KeyValuePair<string, ExecutorOptions>> AllExecutors()
    {
        var all = new Dictionary<string, ExecutorOptions>(StringComparer.Ordinal)
        {
            ["default"] = new() { MaxConcurrency = MaxConcurrency },
            ["cpu"] = new() { MaxConcurrency = Environment.ProcessorCount, DedicatedThreads = true },
            ["maintenance"] = new() { MaxConcurrency = 2 },
        };
        foreach (var queue in Queues)
        {
            all["default"].Queues.Add(queue);
        }

        foreach (var (name, executor) in Executors)
        {
            all[name] = executor;
        }

        foreach (var (name, executor) in all)
        {
            if (executor.Queues.Count == 0 || (name == "default" && !executor.Queues.Contains(JobQueues.Default)))
            {
                executor.Queues.Add(name);
            }
        }

        return all;
    }
}
