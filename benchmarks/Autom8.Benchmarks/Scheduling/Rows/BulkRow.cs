using System.Text.Json;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Contenders;
using Autom8.Benchmarks.Scheduling.Gate;
using Npgsql;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>Ten thousand jobs at a time, beside the statement that does nothing but insert the same rows into the same table.</summary>
internal sealed class BulkRow : IRow
{
    private const int Batch = 10_000;

    public string Name => "bulk";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        await using var server = await SchedulerHosts.StartServerAsync();
        var connectionString = await server.CreateDatabaseAsync(pool: 20);
        await using var ours = OurContender.OnPostgreSql(connectionString);
        await ours.EnqueueAsync(0); // has the tables made
        await using var database = NpgsqlDataSource.Create(connectionString);
        var figures = await new AsyncRace(
            options,
            [
                AsyncCase.Of<Many, long>("ours", new Many(ours.Queue, [.. Enumerable.Range(0, Batch).Select(Letter.Of)])),
                AsyncCase.Of<Raw, long>(Peer.Unnest, new Raw(database)),
            ],
            inFlight: 1
        ).RunAsync();
        Figure[] perJob =
        [
            .. figures.Select(figure => new Figure(
                figure.Case,
                [.. figure.Rounds.Select(call => call / Batch)],
                figure.BytesPerOperation / Batch
            )),
        ];
        return [new Measure(Name, "enqueue many, per job", $"PostgreSQL, JSON, {Batch} at a time", "1", "us", perJob[0], [perJob[1]])];
    }

    private static void Expect(long count)
    {
        if (count != Batch)
        {
            throw new InvalidOperationException($"{count} jobs were added.");
        }
    }

    private readonly struct Many(Autom8.Scheduling.Jobs.IJobQueue queue, Letter[] letters) : IAsyncOperation<long>
    {
        public async ValueTask<long> InvokeAsync(int index) =>
            (await queue.EnqueueManyAsync<OurContender.SendLetter, Letter>(letters)).Count;

        public void Check(long result, int index) => Expect(result);
    }

    private readonly struct Raw(NpgsqlDataSource database) : IAsyncOperation<long>
    {
        private static readonly string[] Jobs = [.. Enumerable.Repeat("letter", Batch)];
        private static readonly string[] Queues = [.. Enumerable.Repeat("default", Batch)];
        private static readonly short[] Priorities = [.. Enumerable.Repeat((short)1, Batch)];

        public async ValueTask<long> InvokeAsync(int index)
        {
            var ids = new Guid[Batch];
            var payloads = new string[Batch];
            for (var i = 0; i < Batch; i++)
            {
                ids[i] = Guid.CreateVersion7();
                payloads[i] = JsonSerializer.Serialize(Letter.Of(i), LetterJson.Default.Letter);
            }

            await using var command = database.CreateCommand(
                """
                insert into autom8.job (id, job, queue, priority, state, due_at, created_at, payload, policy)
                select v.id, v.job, v.queue, v.priority, 0, now(), now(), v.payload, null
                from unnest($1, $2, $3, $4, $5) v(id, job, queue, priority, payload)
                """
            );
            foreach (var column in (object[])[ids, Jobs, Queues, Priorities, payloads])
            {
                command.Parameters.Add(new NpgsqlParameter { Value = column });
            }

            return await command.ExecuteNonQueryAsync();
        }

        public void Check(long result, int index) => Expect(result);
    }
}
