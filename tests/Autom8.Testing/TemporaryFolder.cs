namespace Autom8.Testing;

/// <summary>A new, empty folder that only this user may read; gone with all it holds when disposed.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder's full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("autom8-").FullName;

    /// <summary>The full path of a name inside the folder; nothing is created.</summary>
    public string Combine(params ReadOnlySpan<string> names)
    {
        var path = Path;
        foreach (var name in names)
        {
            path = System.IO.Path.Combine(path, name);
        }
        return path;
    }

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
