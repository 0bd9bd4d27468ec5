using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Contenders;
using Autom8.Benchmarks.Scheduling.Gate;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>Eight callers that each wait for their job to be durable.</summary>
internal sealed class EnqueueRow : IRow
{
    private const int Callers = 8;

    public string Name => "enqueue";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        await using var server = await SchedulerHosts.StartServerAsync();
        await using var ours = OurContender.OnPostgreSql(await server.CreateDatabaseAsync(pool: 20));
        await using var quartz = new QuartzContender(await server.CreateDatabaseAsync(pool: 40));
        await quartz.PrepareAsync();
        await using var hangfire = new HangfireContender(await server.CreateDatabaseAsync(pool: 40));
        var figures = await new AsyncRace(
            options,
            [
                AsyncCase.Of<Enqueue, bool>("ours", new Enqueue(ours)),
                AsyncCase.Of<Enqueue, bool>(Peer.Quartz, new Enqueue(quartz)),
                AsyncCase.Of<Enqueue, bool>(Peer.Hangfire, new Enqueue(hangfire)),
            ],
            Callers
        ).RunAsync();
        return
        [
            new Measure(
                Name,
                "enqueue, each caller waits for durability",
                "PostgreSQL, JSON",
                $"{Callers}",
                "us",
                figures[0],
                [.. figures.Skip(1)]
            ),
        ];
    }

    private readonly struct Enqueue(IContender contender) : IAsyncOperation<bool>
    {
        public async ValueTask<bool> InvokeAsync(int index)
        {
            await contender.EnqueueAsync(index);
            return true;
        }

        public void Check(bool result, int index) { }
    }
}
