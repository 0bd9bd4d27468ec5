using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Contenders;
using Autom8.Benchmarks.Scheduling.Gate;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>Jobs that do nothing, stored before the engine starts: from its start until the last of them was run and recorded. Each contender has as many as take it a second or more.</summary>
internal sealed class JobsRow : IRow
{
    public string Name => "jobs";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        await using var server = await SchedulerHosts.StartServerAsync();
        var (ours, quartz, hangfire) = (
            await server.CreateDatabaseAsync(pool: 20),
            await server.CreateDatabaseAsync(pool: 40),
            await server.CreateDatabaseAsync(pool: 60)
        );
        var figures = await RoundRace.RunAsync(
            options,
            [
                ("ours", () => RoundRace.DrainAsync(() => OurContender.OnPostgreSql(ours), jobs: 40_000)),
                (Peer.Quartz, () => RoundRace.DrainAsync(() => new QuartzContender(quartz), jobs: 600)),
                (Peer.Hangfire, () => RoundRace.DrainAsync(() => new HangfireContender(hangfire), jobs: 400)),
            ]
        );
        return
        [
            new Measure(
                Name,
                "durable job that does nothing",
                "PostgreSQL, one node, scope, JSON; ours with history",
                "20",
                "us",
                figures[0],
                [.. figures.Skip(1)]
            ),
        ];
    }
}
