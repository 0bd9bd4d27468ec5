using Autom8.Storage;

namespace Autom8.Security.Reencryption;

internal sealed class SqliteReencryptionLog(SqliteDatabase database) : IReencryptionLog
{
    private const string Columns = "name, target, position, passes, changed, failed, started_at, completed_at";

    private readonly string read = $"select {Columns} from {database.TablePrefix}reencryption where name = ?1";

    private readonly string write =
        $"insert or replace into {database.TablePrefix}reencryption ({Columns}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

    public ValueTask<ReencryptionProgress?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read(
                (read, name),
                static (session, s) =>
                {
                    using var reader = session.Command(s.read).Bind(1, s.name).ExecuteReader();
                    return reader.Read()
                        ? new ReencryptionProgress(
                            reader.GetString(0),
                            reader.GetString(1),
                            reader.GetGuidBlobOrNull(2),
                            reader.GetInt32(3),
                            reader.GetInt64(4),
                            reader.GetInt64(5),
                            reader.GetTimestamp(6),
                            reader.GetTimestampOrNull(7)
                        )
                        : null;
                }
            )
        );
    }

    public async ValueTask WriteAsync(ReencryptionProgress progress, CancellationToken cancellationToken) =>
        await database
            .WriteAsync(
                (write, progress),
                static (session, s, _) =>
                    ValueTask.FromResult(
                        session
                            .Command(s.write)
                            .Bind(1, s.progress.Name)
                            .Bind(2, s.progress.Target)
                            .Bind(3, s.progress.Position)
                            .Bind(4, (long)s.progress.Passes)
                            .Bind(5, s.progress.Changed)
                            .Bind(6, s.progress.Failed)
                            .Bind(7, s.progress.StartedAt)
                            .Bind(8, s.progress.CompletedAt)
                            .ExecuteNonQuery()
                    ),
                cancellationToken
            )
            .ConfigureAwait(false);
}
