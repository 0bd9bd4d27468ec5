namespace Autom8.Scheduling;

/// <summary>An executor: so many jobs of these queues at once.</summary>
public sealed class ExecutorOptions
{
    /// <summary>How many jobs it runs at once in this process, 1 to 1,000.</summary>
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>The queues it serves, the one it prefers first. A queue belongs to one executor of a process. Empty: the one of the executor's name.</summary>
    public IList<string> Queues { get; } = [];

    /// <summary>Whether its jobs run on threads of its own rather than on the thread pool: for work that computes or blocks. Default false.</summary>
    public bool DedicatedThreads { get; set; }
}
