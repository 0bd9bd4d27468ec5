using System.Globalization;
using Autom8.Scheduling.Jobs;
using Autom8.Testing;
using Autom8.Testing.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Scheduling.Tests.Drills;

/// <summary>
/// Four nodes on one PostgreSQL, killed, frozen and stopped at random, and the server restarted under them. Whatever happens: no occurrence is lost, each is committed exactly once and started at least once, a further start
/// follows a node that died or was fenced or a run that failed, and everything whose enqueue was acknowledged ran.
/// </summary>
/// <remarks><c>eng/drill scheduling [SECONDS]</c> runs it for longer: AUTOM8_DRILL says for how many seconds.</remarks>
public sealed class ClusterDrillTests : IAsyncLifetime
{
    private const int Nodes = 4;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("AUTOM8_DRILL") ?? "20", CultureInfo.InvariantCulture)
    );

    private readonly SchedulerProcess?[] _nodes = new SchedulerProcess?[Nodes];
    private readonly List<string> _told = [];
    private PostgreSqlServer _server = null!;
    private string _connectionString = null!;
    private NpgsqlDataSource _data = null!;

    public async Task InitializeAsync()
    {
        _server = await PostgreSqlServer.StartAsync(new PostgreSqlServerOptions { Durable = true });
        _connectionString = await _server.CreateDatabaseAsync();
        _data = NpgsqlDataSource.Create(_connectionString);
        await ExecuteAsync(DrillNode.Schema);
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            node?.Dispose();
        }

        await _data.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_lost_and_nothing_committed_twice_whatever_dies()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        // All at once on an empty database: the schema and the declared tasks are made once.
        for (var i = 0; i < Nodes; i++)
        {
            Start(i);
        }

        using var ended = new CancellationTokenSource(Length);
        var enqueuing = EnqueueAsync(ended.Token);
        await WaitForAsync("select count(*) > 0 from drill_start");
        while (!ended.IsCancellationRequested)
        {
            await Task.Delay(random.Next(300, 1_500));
            await DisturbAsync(random);
        }

        var acknowledged = await enqueuing;
        foreach (var node in _nodes)
        {
            node?.Signal("CONT");
        }

        for (var i = 0; i < Nodes; i++)
        {
            if (_nodes[i] is null)
            {
                Start(i);
            }
        }

        // No new occurrences; what is there is finished.
        await WaitForAsync("update autom8.task set enabled = false returning true");
        await WaitForAsync("select count(*) = 0 from autom8.job where state in (0, 1, 2, 3)");
        foreach (var node in _nodes)
        {
            node!.Signal("TERM");
        }

        foreach (var node in _nodes)
        {
            await node!.ExitedAsync();
        }

        var story = $"seed {seed}\n{string.Join('\n', _told)}\n" + string.Join('\n', _nodes.Select(n => n!.Output));
        await EmptyAsync(
            "a slot that was not committed exactly once",
            "select task_id::text, scheduled_at::text || ' ' || string_agg(id || ' ' || status || ' ' || node, ', ') from autom8.task_execution where task_id is not null group by task_id, scheduled_at having count(*) filter (where status = 'succeeded') <> 1",
            story
        );
        await EmptyAsync(
            "a second without its slot",
            """
            select t.name, s::text from autom8.task t
            join (select task_id, min(scheduled_at) a, max(scheduled_at) b from autom8.task_execution group by 1) r on r.task_id = t.id
            cross join lateral generate_series(r.a, r.b, interval '1 second') s
            where t.name like 'tick-%' and not exists (select 1 from autom8.task_execution e where e.task_id = t.id and e.scheduled_at = s)
            """,
            story
        );
        await EmptyAsync(
            "a committed run that never started",
            "select id::text, job from autom8.task_execution e where status = 'succeeded' and job <> 'cleanup' and not exists (select 1 from drill_start d where d.claim = e.id)",
            story
        );
        await EmptyAsync(
            "a claim that started twice",
            "select claim::text, count(*)::text from drill_start group by claim having count(*) > 1",
            story
        );
        await EmptyAsync(
            "a further start without a dead or fenced node, or a failure",
            "select d.claim::text, coalesce(e.status, 'nothing') from drill_start d left join autom8.task_execution e on e.id = d.claim where coalesce(e.status, '') not in ('succeeded', 'failed', 'abandoned', 'interrupted')",
            story
        );
        await EmptyAsync(
            "a start before its time",
            // Of a run that was taken over, whoever took it over does not know when it began.
            "select claim::text, concat_ws(' ', task, d.slot, d.started_at, e.started_at, e.status, e.node) from drill_start d join autom8.task_execution e on e.id = d.claim where least(d.started_at, case when e.status <> 'abandoned' then e.started_at end) < d.slot",
            story
        );
        await using var missing = _data.CreateCommand(
            "select x.job from unnest($1) x(job) where (select count(*) from autom8.task_execution e where e.job_id = x.job and e.status = 'succeeded') <> 1"
        );
        missing.Parameters.Add(new() { Value = acknowledged.ToArray() });
        Assert.True(await missing.ExecuteScalarAsync() is null, "An acknowledged enqueue did not run exactly once.\n" + story);
        Assert.NotEmpty(acknowledged);
    }

    private void Start(int index) => _nodes[index] = SchedulerProcess.Start(_connectionString, $"node-{index}");

    private async Task DisturbAsync(Random random)
    {
        var index = random.Next(Nodes);
        if (_nodes[index] is not { } node)
        {
            Start(index);
            Tell("start", index);
            return;
        }

        switch (random.Next(10))
        {
            case < 5:
                Tell("kill", index);
                node.Kill();
                node.Dispose();
                _nodes[index] = null;
                break;
            case < 7:
                Tell("freeze", index);
                node.Signal("STOP");
                await Task.Delay(random.Next(500, 5_000)); // its lease of three seconds is over, or is not
                node.Signal("CONT");
                break;
            case < 9:
                Tell("terminate", index);
                node.Signal("TERM");
                await node.ExitedAsync();
                node.Dispose();
                _nodes[index] = null;
                break;
            default:
                var immediate = random.Next(2) == 0;
                Tell(immediate ? "crash the server" : "restart the server", -1);
                await _server.RestartAsync(immediate);
                break;
        }
    }

    private void Tell(string what, int node) =>
        _told.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{DateTime.UtcNow:HH:mm:ss.fff} {what} {(node < 0 ? "" : $"node-{node} ({_nodes[node]?.Id})")}"
            )
        );

    /// <summary>Enqueues as an application does that runs no jobs, and notes what was acknowledged.</summary>
    private async Task<List<Guid>> EnqueueAsync(CancellationToken ended)
    {
        var services = new ServiceCollection();
        services
            .AddAutom8Scheduling(options => options.RunTasks = false)
            .UsePostgreSql(_connectionString)
            .AddJob(DrillNode.Work, null, static (_, _) => default);
        await using var provider = services.BuildServiceProvider();
        var queue = provider.GetRequiredService<IJobQueue>();
        var acknowledged = new List<Guid>();
        while (!ended.IsCancellationRequested)
        {
            try
            {
                acknowledged.Add(await queue.EnqueueAsync(DrillNode.Work, null, cancellationToken: CancellationToken.None));
                await Task.Delay(20, CancellationToken.None);
            }
            catch (Exception)
            {
                // Not acknowledged: it may run or not.
                await Task.Delay(100, CancellationToken.None);
            }
        }

        return acknowledged;
    }

    private async Task WaitForAsync(string sql)
    {
        for (var i = 0; i < 600; i++)
        {
            try
            {
                await using var command = _data.CreateCommand(sql);
                if (await command.ExecuteScalarAsync() is true)
                {
                    return;
                }
            }
            catch (NpgsqlException) { } // the server is coming up

            await Task.Delay(100);
        }

        await EmptyAsync(
            "what never came true",
            "select j.id::text, row(j.*)::text || coalesce((select row(n.*)::text from autom8.scheduler_node n where n.id = j.node), '') from autom8.job j",
            sql
        );
        Assert.Fail($"It never came true: {sql}\n{string.Join('\n', _told)}\n{string.Join('\n', _nodes.Select(n => n?.Output))}");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _data.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task EmptyAsync(string what, string sql, string story)
    {
        await using var command = _data.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add($"{reader[0]} {reader[1]}");
        }

        Assert.True(rows.Count == 0, $"There is {what}: {string.Join("; ", rows.Take(10))}\n{story}");
    }
}
