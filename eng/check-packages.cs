// usage: dotnet run --file eng/check-packages.cs -- FOLDER-OF-PACKAGES FOLDER-OF-PROJECTS
// Each project is packed; each package holds README, licence, XML documentation and symbols, asks for what its project references, and for nothing foreign.
using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;

var (packages, projects) = (args[0], args[1]);
var wrong = new List<string>();
Console.WriteLine($"{"package", -20} {"version", -24} {"KiB", 5}  depends on");
foreach (var project in Directory.EnumerateFiles(projects, "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
{
    var id = Path.GetFileNameWithoutExtension(project);
    var found = Directory
        .GetFiles(packages, $"{id}.*.nupkg")
        .Where(file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1]))
        .ToArray();
    if (found is not [var package])
    {
        wrong.Add($"{id}: {found.Length} packages instead of one");
        continue;
    }

    using var zip = ZipFile.OpenRead(package);
    var names = zip.Entries.Select(entry => entry.FullName).ToHashSet(StringComparer.Ordinal);
    string[] required = ["README.md", $"{id}.nuspec", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"];
    wrong.AddRange(required.Where(name => !names.Contains(name)).Select(name => $"{id}: {name} is missing"));
    if (!File.Exists(Path.ChangeExtension(package, ".snupkg")))
    {
        wrong.Add($"{id}: the symbols package is missing");
    }
    if (!names.Contains($"{id}.nuspec"))
    {
        continue;
    }

    using var stream = zip.GetEntry($"{id}.nuspec")!.Open();
    var metadata = XDocument.Load(stream).Root!.Elements().First();
    var version = Value(metadata, "version");
    foreach (var (element, expected) in new[] { ("license", "MIT"), ("readme", "README.md"), ("description", null), ("authors", null) })
    {
        var value = Value(metadata, element);
        if (value.Length == 0 || (expected is not null && value != expected))
        {
            wrong.Add($"{id}: <{element}> is '{value}'");
        }
    }
    var declared = metadata
        .Descendants()
        .Where(e => e.Name.LocalName == "dependency")
        .Select(e => e.Attribute("id")!.Value)
        .ToHashSet(StringComparer.Ordinal);
    var referenced = Referenced(project);
    wrong.AddRange(referenced.Except(declared).Select(name => $"{id}: references {name} but does not depend on it"));
    wrong.AddRange(
        declared
            .Except(Reachable(project))
            .Select(name => $"{id}: depends on {name}, which none of its projects references (a pinned transitive?)")
    );
    var size = (new FileInfo(package).Length / 1024).ToString(CultureInfo.InvariantCulture);
    Console.WriteLine($"{id, -20} {version, -24} {size, 5}  {string.Join(", ", declared.Order(StringComparer.Ordinal))}");
}
wrong.ForEach(Console.WriteLine);
return wrong.Count == 0 ? 0 : 1;

static string Value(XElement metadata, string name) => metadata.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value ?? "";

static HashSet<string> Referenced(string project) =>
    [.. PackagesOf(project), .. ProjectsOf(project).Select(Path.GetFileNameWithoutExtension).OfType<string>()];

// Versions are pinned centrally, which turns what the projects below reference into direct dependencies.
static HashSet<string> Reachable(string project) => [.. Referenced(project), .. ProjectsOf(project).SelectMany(Reachable)];

static IEnumerable<string> PackagesOf(string project) =>
    References(project, "PackageReference")
        .Where(e => !string.Equals((string?)e.Attribute("PrivateAssets"), "all", StringComparison.OrdinalIgnoreCase))
        .Select(e => e.Attribute("Include")!.Value);

static IEnumerable<string> ProjectsOf(string project) =>
    References(project, "ProjectReference")
        .Select(e => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, e.Attribute("Include")!.Value.Replace('\\', '/'))));

static IEnumerable<XElement> References(string project, string kind) =>
    XDocument.Load(project).Descendants().Where(e => e.Name.LocalName == kind);
