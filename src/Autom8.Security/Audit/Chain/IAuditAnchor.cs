namespace Autom8.Security.Audit;

/// <summary>
/// A place outside the database that remembers checkpoints: a file on another machine, a ticket, a transparency log. Register any number as services. What it remembers
/// nobody with the database alone can take back.
/// </summary>
public interface IAuditAnchor
{
    /// <summary>What it is called in logs.</summary>
    string Name { get; }

    /// <summary>Remembers a checkpoint. Called by every node for the newest one, each at least once, and again after a failure: the same one twice is one.</summary>
    ValueTask AnchorAsync(AuditCheckpoint checkpoint, CancellationToken cancellationToken);

    /// <summary>What it remembers, in any order. Checkpoints of other logs may be among them.</summary>
    IAsyncEnumerable<AuditCheckpoint> ReadAsync(CancellationToken cancellationToken);
}
