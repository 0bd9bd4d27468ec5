namespace Autom8.Scheduling.Storage.Memory;

/// <summary>Where a task waits for its next occurrence.</summary>
internal enum SlotPlace : byte
{
    /// <summary>Nowhere: there is none, or it is due and cannot be decided on before a run of the task ends.</summary>
    None,

    /// <summary>Among those that are decided on ahead of their time.</summary>
    Near,

    /// <summary>Among those that are decided on when they are due, because runs of the task are under way.</summary>
    Due,
}
