using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Contenders;
using Autom8.Benchmarks.Scheduling.Gate;
using Autom8.Testing;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>As <see cref="JobsRow"/>, ours on SQLite in one process: Quartz stays on PostgreSQL, where it is faster.</summary>
internal sealed class SqliteRow : IRow
{
    public string Name => "sqlite";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        await using var server = await SchedulerHosts.StartServerAsync();
        using var folder = new TemporaryFolder();
        var quartz = await server.CreateDatabaseAsync(pool: 40);
        var figures = await RoundRace.RunAsync(
            options,
            [
                ("ours", () => RoundRace.DrainAsync(() => OurContender.OnSqlite(Path.Combine(folder.Path, "jobs.db")), jobs: 20_000)),
                (Peer.Quartz, () => RoundRace.DrainAsync(() => new QuartzContender(quartz), jobs: 600)),
            ]
        );
        return
        [
            new Measure(
                Name,
                "durable job that does nothing, SQLite",
                "one process, scope, JSON, history; peer on PostgreSQL",
                "20",
                "us",
                figures[0],
                [figures[1]]
            ),
        ];
    }
}
