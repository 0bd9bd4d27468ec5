using System.Collections.Concurrent;
using System.Globalization;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Contenders;
using Autom8.Scheduling;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>Many tasks of which all are due at the same instant, and four nodes: from that instant until the last one has started.</summary>
internal sealed class BurstRow : IRow
{
    private const int Nodes = 4;
    private const int Few = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "burst";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        var tasks = options.Quick ? 20_000 : 100_000;
        await using var server = await SchedulerHosts.StartServerAsync();
        var connectionString = await server.CreateDatabaseAsync(pool: 20);
        var starts = new Starts();
        await using var database = NpgsqlDataSource.Create(connectionString);
        string[] names = [.. Enumerable.Range(0, Nodes).Select(number => string.Create(CultureInfo.InvariantCulture, $"node-{number}"))];
        IHost[] nodes = [.. names.Select(Node)];
        await Task.WhenAll(nodes.Select(node => node.StartAsync()));
        await Task.WhenAll(names.Select(name => SchedulerHosts.JoinedAsync(database, name)));
        await MeasureAsync(Few);
        List<double> seconds = [];
        var doubles = 0;
        for (var round = 0; round < (options.Quick ? 1 : 3); round++)
        {
            seconds.Add(await MeasureAsync(tasks));
            doubles += starts.Doubles;
        }

        foreach (var node in nodes)
        {
            await node.EndAsync();
        }

        var setting = string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL, {tasks} tasks of one instant, {Nodes} nodes{(options.Quick ? "; a fifth of what the bound is for" : "")}"
        );
        return
        [
            new Measure(Name, "all started", setting, "80", "s", new Figure("ours", seconds), []),
            new Measure($"{Name}.twice", "started twice", setting, "80", "tasks", new Figure("ours", [doubles]), []),
        ];

        IHost Node(string name) =>
            SchedulerHosts.Ours(
                scheduling =>
                    scheduling
                        .UsePostgreSql(connectionString)
                        .AddJob(
                            Name,
                            null,
                            (context, _) =>
                            {
                                starts.Note(context.TaskId!.Value);
                                return default;
                            }
                        ),
                node => node.Node = name
            );

        async Task<double> MeasureAsync(int count)
        {
            // What the round before has recorded last is written: it holds rows of these tasks.
            await SchedulerHosts.UntilAsync(() =>
                database.ScalarAsync<bool>("select not exists (select from autom8.job where job = $1)", Name)
            );
            await database.ScalarAsync<object>("with gone as (delete from autom8.task where job = $1) select 1", Name);
            starts.Expect(count);
            var due = await database.ScalarAsync<DateTime>(
                $"""
                with added as (
                    insert into autom8.task (id, name, job, schedule, time_zone, enabled, version, next_run, status, created_at, updated_at)
                    select gen_random_uuid(), $1 || '-' || i, $1, '0 0 1 1 *', 'UTC', true, 1, now() + interval '{count / 10_000
                    + 4} s', 'idle', now(), now()
                    from generate_series(1, $2) i
                    returning next_run
                )
                select max(next_run) from added
                """,
                Name,
                count
            );
            if (TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2) > due)
            {
                throw new InvalidOperationException("The tasks were made too late to be known before they are due.");
            }

            return (await starts.All.WaitAsync(Patience) - due).TotalSeconds;
        }
    }

    private sealed class Starts
    {
        private readonly ConcurrentDictionary<Guid, int> _seen = new();
        private TaskCompletionSource<DateTime> _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left;
        private int _doubles;

        /// <summary>When the last one has started.</summary>
        public Task<DateTime> All => _all.Task;

        /// <summary>How many starts there were of tasks that had started.</summary>
        public int Doubles => Volatile.Read(ref _doubles);

        public void Expect(int count)
        {
            _seen.Clear();
            _all = new TaskCompletionSource<DateTime>(TaskCreationOptions.RunContinuationsAsynchronously);
            _doubles = 0;
            Volatile.Write(ref _left, count);
        }

        public void Note(Guid task)
        {
            if (!_seen.TryAdd(task, 0))
            {
                Interlocked.Increment(ref _doubles);
            }
            else if (Interlocked.Decrement(ref _left) == 0)
            {
                _all.SetResult(TimeProvider.System.GetUtcNow().UtcDateTime);
            }
        }
    }
}
