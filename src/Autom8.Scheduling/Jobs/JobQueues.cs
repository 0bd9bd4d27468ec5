namespace Autom8.Scheduling.Jobs;

/// <summary>The names of queues.</summary>
public static class JobQueues
{
    /// <summary>The queue of jobs that name none.</summary>
    public const string Default = "default";
}
