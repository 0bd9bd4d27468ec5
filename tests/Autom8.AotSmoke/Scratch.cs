namespace Autom8.AotSmoke;

/// <summary>A folder for one check, with room for a data folder and the key folder beside it. Gone afterwards.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("autom8-");

    public string DataFolder => Path.Combine(_folder.FullName, "data");

    public string KeyFolder => DataFolder + "-keys";

    public string Sqlite => "Data Source=" + Path.Combine(DataFolder, "smoke.db");

    public void Dispose() => _folder.Delete(recursive: true);
}
