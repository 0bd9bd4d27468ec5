using System.Data.Common;

namespace Autom8.Scheduling.Tasks;

/// <summary>Who asked for a change. Opaque to the scheduler, handed on to <see cref="ITaskChangeSink"/>.</summary>
/// <param name="Actor">The user; null for the program itself.</param>
/// <param name="RequestId">The request it was asked in.</param>
public readonly record struct ChangeOrigin(string? Actor = null, string? RequestId = null);

/// <summary>What was done to a task.</summary>
public enum TaskChangeAction
{
    /// <summary>It was made.</summary>
    Created,

    /// <summary>Its definition was changed.</summary>
    Updated,

    /// <summary>It was paused.</summary>
    Paused,

    /// <summary>It was resumed.</summary>
    Resumed,

    /// <summary>It was deleted.</summary>
    Deleted,

    /// <summary>It was told to run now.</summary>
    Triggered,
}

/// <summary>A change of a task or a command to it.</summary>
/// <param name="Action">What was done.</param>
/// <param name="TaskId">The task.</param>
/// <param name="TaskName">Its name, after the change.</param>
/// <param name="ChangedFields">The names of the definition's properties that changed; never their values.</param>
/// <param name="Origin">Who asked for it.</param>
public sealed record TaskChange(
    TaskChangeAction Action,
    Guid TaskId,
    string TaskName,
    IReadOnlyList<string> ChangedFields,
    ChangeOrigin Origin
);

/// <summary>Hears of every change of a task inside the transaction that makes it: an audit log, for one.</summary>
public interface ITaskChangeSink
{
    /// <summary>Called after the change was written and before it is committed; what it throws undoes the change.</summary>
    /// <param name="change">What was done.</param>
    /// <param name="transaction">The open transaction. It may be written to, must not be ended, and nothing else may be awaited: other writers wait.</param>
    /// <param name="cancellationToken">The caller's.</param>
    ValueTask OnChangeAsync(TaskChange change, DbTransaction transaction, CancellationToken cancellationToken);
}
