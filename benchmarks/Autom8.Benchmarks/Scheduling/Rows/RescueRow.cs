using System.Globalization;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Contenders;
using Autom8.Scheduling.Jobs;
using Autom8.Testing.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>Two nodes, each a process. The one that runs a job is killed (kill -9): until the job has started on the other, which is killed next.</summary>
internal sealed class RescueRow : IRow
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    public string Name => "rescue";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        var kills = options.Quick ? 10 : 30;
        await using var server = await SchedulerHosts.StartServerAsync();
        var connectionString = await server.CreateDatabaseAsync(pool: 20);
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using (var schema = database.CreateCommand(DrillNode.Schema))
        {
            await schema.ExecuteNonQueryAsync();
        }

        var started = 0;
        List<SchedulerProcess> nodes = [];
        try
        {
            await AddAsync();
            await AddAsync();
            var job = await EnqueueAsync(connectionString);
            var times = new double[kills];
            for (var kill = 0; kill < kills; kill++)
            {
                await SchedulerHosts.UntilAsync(async () => await StartsAsync(job) == kill + 1);
                var holder = await database.ScalarAsync<string>(
                    "select node from drill_start where job_id = $1 order by claim desc limit 1",
                    job
                );
                await Task.Delay(Settle);
                var victim = nodes.Single(node => node.Id.ToString(CultureInfo.InvariantCulture) == holder);
                var killed = TimeProvider.System.GetUtcNow().UtcDateTime;
                victim.Kill();
                nodes.Remove(victim);
                await SchedulerHosts.UntilAsync(async () => await StartsAsync(job) == kill + 2);
                var again = await database.ScalarAsync<DateTime>("select max(started_at) from drill_start where job_id = $1", job);
                times[kill] = (again - killed).TotalMilliseconds;
                await AddAsync();
            }

            return
            [
                new Measure(
                    Name,
                    "killed node's job started elsewhere (99 of 100)",
                    $"PostgreSQL, 2 nodes, {kills} kills",
                    "1",
                    "ms",
                    new Figure("ours", [RoundRace.Quantile(times, 0.99)]),
                    []
                ),
            ];
        }
        finally
        {
            nodes.ForEach(static node => node.Dispose());
        }

        ValueTask<long> StartsAsync(Guid job) => database.ScalarAsync<long>("select count(*) from drill_start where job_id = $1", job);

        // Returns when the node is among the others.
        async Task AddAsync()
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"node-{started++}");
            var node = SchedulerProcess.Start(connectionString, name, typeof(RescueRow).Assembly.Location);
            nodes.Add(node);
            var joined = SchedulerHosts.JoinedAsync(database, name);
            if (await Task.WhenAny(joined, node.ExitedAsync()) != joined)
            {
                throw new InvalidOperationException(node.Output);
            }
        }
    }

    private static async Task<Guid> EnqueueAsync(string connectionString)
    {
        var sender = SchedulerHosts.Ours(
            scheduling => scheduling.UsePostgreSql(connectionString).AddJob(DrillNode.Hold, null, static (_, _) => default),
            static node => node.RunTasks = false
        );
        var job = await sender.Services.GetRequiredService<IJobQueue>().EnqueueAsync(DrillNode.Hold, null);
        await sender.EndAsync();
        return job;
    }
}
