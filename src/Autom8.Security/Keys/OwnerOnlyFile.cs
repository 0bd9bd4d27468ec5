using System.Runtime.InteropServices;

namespace Autom8.Security.Keys;

/// <summary>
/// A file that only its owner can read, and that is there whole or not at all: written under a temporary name, fsynced, then linked to its
/// name, which fails if the name is taken, or renamed over the file it replaces; then the folder is fsynced.
/// </summary>
/// <remarks>Windows has no such modes: there the file has the access list of its folder.</remarks>
internal static partial class OwnerOnlyFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    // 64 MiB: far more than a keyring that is rotated every minute of its life.
    internal const int MaxLength = 64 << 20;

    /// <summary>The file's bytes, or null when there is no such file.</summary>
    /// <exception cref="KeyringException">Others than the owner may read or replace it, or it cannot be read.</exception>
    public static byte[]? Read(string path)
    {
        if (!Path.Exists(path))
        {
            return null;
        }

        RefuseOthers(Path.GetDirectoryName(path)!, "700");
        RefuseOthers(path, "600");
        try
        {
            return new FileInfo(path).Length <= MaxLength
                ? File.ReadAllBytes(path)
                : throw new KeyringException($"'{path}' is too large to be a keyring. Restore the keyring from its backup.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyringException($"The keyring '{path}' cannot be read. Check that it belongs to the user this program runs as.", e);
        }
    }

    /// <exception cref="KeyringException">It cannot be written, or the name is taken; nothing was overwritten.</exception>
    public static void Create(string path, ReadOnlySpan<byte> bytes) => Write(path, bytes, overwrite: false, afterStep: null);

    /// <summary>Replaces a file: whoever opens it finds the old bytes or the new ones, whole.</summary>
    /// <exception cref="KeyringException">It cannot be written; the old file is as it was.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> bytes, Action<string>? afterStep) =>
        Write(path, bytes, overwrite: true, afterStep);

    /// <summary>Deletes what a crash left of writing the file.</summary>
    public static void DeleteTemporary(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (Directory.Exists(folder))
        {
            foreach (var left in Directory.EnumerateFiles(folder, Path.GetFileName(path) + ".*.tmp"))
            {
                File.Delete(left);
            }
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> bytes, bool overwrite, Action<string>? afterStep)
    {
        if (bytes.Length > MaxLength)
        {
            throw new KeyringException(
                $"The keyring for '{path}' has {bytes.Length} bytes; at most {MaxLength} could be read back. Nothing was written."
            );
        }

        var folder = Path.GetDirectoryName(path)!;
        var temporary = path + "." + Path.GetRandomFileName() + ".tmp";
        try
        {
            CreateFolder(folder);
            RefuseOthers(folder, "700");
            try
            {
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                using (var file = new FileStream(temporary, options))
                {
                    file.Write(bytes);
                    file.Flush(flushToDisk: true);
                }

                afterStep?.Invoke("written");
                // On Unix rename(2), or else link(2) and unlink(2), which fail if the name is taken.
                File.Move(temporary, path, overwrite);
                afterStep?.Invoke("renamed");
            }
            finally
            {
                File.Delete(temporary);
            }

            FlushFolder(folder);
            afterStep?.Invoke("flushed");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyringException(
                $"The keyring cannot be written to '{path}'. Set Autom8:Security:KeyringPath to a place that this user may write and that is not in the data folder.",
                e
            );
        }
    }

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Path.GetDirectoryName(folder) is { } parent)
        {
            FlushFolder(parent);
        }
    }

    private static void RefuseOthers(string path, string mode)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
        {
            throw new KeyringException($"'{path}' is open to others than its owner. Run: chmod {mode} '{path}'");
        }
    }

    // A new name is durable only when its folder is; the base library cannot open a folder.
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = OpenFile(folder, 0);
        var flushed = descriptor >= 0 && Fsync(descriptor) == 0;
        var error = Marshal.GetLastPInvokeError();
        if (descriptor >= 0)
        {
            _ = CloseFile(descriptor);
        }

        if (!flushed)
        {
            throw new IOException($"'{folder}' cannot be flushed to disk (errno {error}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseFile(int descriptor);
}
