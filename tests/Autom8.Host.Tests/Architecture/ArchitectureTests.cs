using System.Xml.Linq;
using Autom8.Host.Tests.Running;

namespace Autom8.Host.Tests.Architecture;

/// <summary>The house stands as it was drawn: who knows whom, and what every package brings along.</summary>
public sealed class ArchitectureTests
{
    // Everything that a project may reference, directly or through another. A project that is not named here fails the test: it has to be drawn first.
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Autom8.Storage"] = [],
        ["Autom8.Caching"] = [],
        ["Autom8.Security"] = ["Autom8.Storage"],
        ["Autom8.Scheduling"] = ["Autom8.Storage"],
        ["Autom8.Metrics"] = ["Autom8.Storage"],
        ["Autom8.Contacts"] = ["Autom8.Storage", "Autom8.Caching", "Autom8.Security"],
        ["Autom8.Redis"] = ["Autom8.Caching", "Autom8.Security"],
        ["Autom8.Hosting"] =
        [
            "Autom8.Storage",
            "Autom8.Caching",
            "Autom8.Security",
            "Autom8.Scheduling",
            "Autom8.Metrics",
            "Autom8.Contacts",
            "Autom8.Redis",
        ],
        ["Autom8.AspNetCore"] = ["Autom8.Hosting"],
        ["Autom8.Client"] = [],
    };

    private static readonly string[] Projects =
    [
        .. Directory.GetDirectories(Path.Combine(Programs.RepositoryRoot, "src")).Select(folder => Path.GetFileName(folder)!).Order(),
    ];

    public static TheoryData<string> Sources { get; } = [.. Projects];

    [Fact]
    public void Every_project_of_src_is_in_the_plan_and_every_one_of_the_plan_is_there() => Assert.Equal(MayKnow.Keys.Order(), Projects);

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_project_references_only_what_it_may_know(string project)
    {
        var references = References(project);

        Assert.Equal([], references.Except(MayKnow[project]));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void The_code_of_a_project_names_only_what_it_may_know(string project)
    {
        // A project sees the references of its references: what the file does not forbid, the code still must not do.
        var known = Reachable(project);
        var strangers = Projects.Where(other => other != project && !known.Contains(other)).ToArray();

        foreach (var file in SourceFiles(project))
        {
            var text = File.ReadAllText(file);
            Assert.DoesNotContain(strangers, stranger => text.Contains($"using {stranger}", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("Autom8.Caching")]
    [InlineData("Autom8.Security")]
    [InlineData("Autom8.Scheduling")]
    [InlineData("Autom8.Metrics")]
    public void A_capability_knows_no_other(string capability)
    {
        string[] capabilities = ["Autom8.Caching", "Autom8.Security", "Autom8.Scheduling", "Autom8.Metrics"];

        Assert.Equal([], Reachable(capability).Intersect(capabilities));
    }

    [Fact]
    public void The_host_begins_with_a_table_of_contents()
    {
        var lines = File.ReadAllLines(Path.Combine(Programs.RepositoryRoot, "samples", "Autom8.Host", "Program.cs"));

        Assert.InRange(lines.Length, 1, 40);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_package_tells_how_to_install_it(string project)
    {
        var readme = Path.Combine(Programs.RepositoryRoot, "src", project, "README.md");

        Assert.True(File.Exists(readme), $"src/{project} has no README.md.");
        Assert.Contains($"dotnet add package {project}", File.ReadAllText(readme), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_package_version_says_why_it_is_there()
    {
        var root = XDocument.Load(Path.Combine(Programs.RepositoryRoot, "Directory.Packages.props")).Root!;
        var versions = root.Elements("ItemGroup").SelectMany(group => group.Elements("PackageVersion")).ToArray();

        Assert.NotEmpty(versions);
        // A comment speaks for the versions after it too, up to the next comment or the end of the group.
        Assert.All(
            versions,
            version =>
                Assert.True(
                    version.NodesBeforeSelf().OfType<XComment>().Any(),
                    $"{version.Attribute("Include")?.Value} is without a comment in Directory.Packages.props."
                )
        );
    }

    private static HashSet<string> Reachable(string project)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Queue<string>(References(project));
        while (waiting.TryDequeue(out var next))
        {
            if (found.Add(next))
            {
                foreach (var reference in References(next))
                {
                    waiting.Enqueue(reference);
                }
            }
        }

        return found;
    }

    private static string[] References(string project)
    {
        var file = Path.Combine(Programs.RepositoryRoot, "src", project, project + ".csproj");
        return
        [
            .. XDocument
                .Load(file)
                .Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))),
        ];
    }

    private static IEnumerable<string> SourceFiles(string project)
    {
        var folder = Path.Combine(Programs.RepositoryRoot, "src", project);
        return Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));
    }
}
