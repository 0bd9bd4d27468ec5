using System.Runtime.CompilerServices;
using System.Text;

namespace Autom8.Security.Audit;

/// <summary>Appends checkpoints to a file, flushed to disk: signed notes as they are, one after another. Others read it with any tool that knows signed notes.</summary>
/// <remarks>Safe for use by any number of threads. A note that was cut off by a crash is passed over. Processes may share the file: each append is one write.</remarks>
public sealed class FileAuditAnchor : IAuditAnchor, IDisposable
{
    private const string SignatureMark = "\u2014 ";
    private const int MaxNoteLength = 64 * 1024;

    private readonly string path;
    private readonly SemaphoreSlim appending = new(1, 1);
    private string? last;

    /// <summary>Anchors in a file, which is created when needed, its folder not.</summary>
    public FileAuditAnchor(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        this.path = Path.GetFullPath(path);
    }

    /// <inheritdoc/>
    public string Name => path;

    /// <inheritdoc/>
    public async ValueTask AnchorAsync(AuditCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        await appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (checkpoint.Text == last)
            {
                return;
            }

            var options = new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite,
                BufferSize = 0,
            };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            var file = new FileStream(path, options);
            await using var _ = file.ConfigureAwait(false);
            // The line end before it ends whatever a crash has left unfinished.
            await file.WriteAsync(Encoding.UTF8.GetBytes("\n" + checkpoint.Text), cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
            last = checkpoint.Text;
        }
        finally
        {
            appending.Release();
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<AuditCheckpoint> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await using var _ = file.ConfigureAwait(false);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var note = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            // A note begins with its origin, wherever the one before it broke off.
            if (line.StartsWith("autom8/audit/", StringComparison.Ordinal))
            {
                note.Clear();
            }

            if (note.Length > 0 || line.Length > 0)
            {
                note.Append(line).Append('\n');
            }

            if (line.StartsWith(SignatureMark, StringComparison.Ordinal))
            {
                if (AuditCheckpoint.TryParse(note.ToString(), out var checkpoint))
                {
                    yield return checkpoint;
                }

                note.Clear();
            }
            else if (note.Length > MaxNoteLength)
            {
                note.Clear();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => appending.Dispose();
}
