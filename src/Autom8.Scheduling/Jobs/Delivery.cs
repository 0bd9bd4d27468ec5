namespace Autom8.Scheduling.Jobs;

/// <summary>What happens to a job whose node died, or was stopped, while it ran it.</summary>
public enum Delivery
{
    /// <summary>It is run again: it may run more than once, and is never lost. The default.</summary>
    AtLeastOnce,

    /// <summary>It is not run again, because nobody knows how far it came: it may be lost, and never runs twice, unless its retry policy has it run again after it failed.</summary>
    AtMostOnce,
}
