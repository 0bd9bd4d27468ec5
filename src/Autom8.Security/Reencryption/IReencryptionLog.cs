namespace Autom8.Security.Reencryption;

/// <summary>Keeps the progress of re-encryptions, durably. Safe for use by any number of threads and nodes: the last to write wins, which costs repeated work at most.</summary>
internal interface IReencryptionLog
{
    ValueTask<ReencryptionProgress?> ReadAsync(string name, CancellationToken cancellationToken);

    ValueTask WriteAsync(ReencryptionProgress progress, CancellationToken cancellationToken);
}
