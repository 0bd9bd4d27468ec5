using Autom8.Scheduling;
using Autom8.Scheduling.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Autom8.Benchmarks.Scheduling.Contenders;

internal sealed class OurContender : IContender
{
    private const int AtOnce = 10_000;
    private readonly RunCount _runs = new();
    private readonly IHost _host;

    private OurContender(Action<SchedulingBuilder> useStore)
    {
        _host = SchedulerHosts.Ours(scheduling =>
        {
            scheduling.Services.AddSingleton(_runs);
            useStore(scheduling);
            scheduling.AddJob<SendLetter, Letter>("letter", LetterJson.Default.Letter);
        });
        Queue = _host.Services.GetRequiredService<IJobQueue>();
    }

    public IJobQueue Queue { get; }

    public static OurContender OnPostgreSql(string connectionString) => new(scheduling => scheduling.UsePostgreSql(connectionString));

    public static OurContender OnSqlite(string file) => new(scheduling => scheduling.UseSqlite($"Data Source={file}"));

    public async Task StoreAsync(int count)
    {
        _runs.Expect(count);
        for (var stored = 0; stored < count; stored += AtOnce)
        {
            await Queue.EnqueueManyAsync<SendLetter, Letter>([
                .. Enumerable.Range(stored, Math.Min(AtOnce, count - stored)).Select(Letter.Of),
            ]);
        }
    }

    public Task EnqueueAsync(int index) => Queue.EnqueueAsync<SendLetter, Letter>(Letter.Of(index)).AsTask();

    public Task StartAsync() => _host.StartAsync();

    public async Task RecordedAsync()
    {
        await _runs.All;
        await SchedulerHosts.UntilAsync(async () => await Queue.ListAsync(limit: 1) is []);
    }

    public ValueTask DisposeAsync() => _host.EndAsync();

    internal sealed class SendLetter(RunCount runs) : IJob<Letter>
    {
        public ValueTask RunAsync(Letter arguments, JobContext context, CancellationToken cancellationToken)
        {
            runs.Note(arguments);
            return default;
        }
    }
}
