namespace Autom8.Scheduling.Jobs;

/// <summary>Which of two jobs that are due in the same queue is begun first.</summary>
public enum JobPriority
{
    /// <summary>After all others.</summary>
    Low,

    /// <summary>The default.</summary>
    Normal,

    /// <summary>Before all others.</summary>
    High,
}
