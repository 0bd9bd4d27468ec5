using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Quartz;

namespace Autom8.Benchmarks.Scheduling.Contenders;

internal sealed class QuartzContender(string connectionString) : IContender
{
    private const string Payload = "payload";
    private readonly RunCount _runs = new();
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(connectionString);
    private IHost? _host;
    private IScheduler _scheduler = null!;

    public async Task StoreAsync(int count)
    {
        await PrepareAsync();
        _runs.Expect(count);
        await _scheduler.ScheduleJobs(
            Enumerable.Range(0, count).Select(Make).ToDictionary(each => each.Job, each => (IReadOnlyCollection<ITrigger>)[each.Trigger])
        );
    }

    public async Task EnqueueAsync(int index)
    {
        var (job, trigger) = Make(index);
        await _scheduler.ScheduleJob(job, trigger);
    }

    public Task StartAsync() => _host!.StartAsync();

    public async Task RecordedAsync()
    {
        await _runs.All;
        await SchedulerHosts.UntilAsync(async () =>
            await _database.ScalarAsync<bool>(
                "select not exists (select from qrtz_triggers) and not exists (select from qrtz_fired_triggers) and not exists (select from qrtz_job_details)"
            )
        );
    }

    /// <summary>Has the scheduler made, and with it its tables.</summary>
    public async Task PrepareAsync()
    {
        _host = SchedulerHosts.Quartz(connectionString, services => services.AddSingleton(_runs).AddScoped<SendLetter>());
        _scheduler = await _host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.EndAsync();
        }

        await _database.DisposeAsync();
    }

    private static (IJobDetail Job, ITrigger Trigger) Make(int number)
    {
        var name = Guid.CreateVersion7().ToString("N", CultureInfo.InvariantCulture);
        return (
            JobBuilder
                .Create<SendLetter>()
                .WithIdentity(name)
                .UsingJobData(Payload, JsonSerializer.Serialize(Letter.Of(number), LetterJson.Default.Letter))
                .Build(),
            TriggerBuilder.Create().WithIdentity(name).StartNow().Build()
        );
    }

    internal sealed class SendLetter(RunCount runs) : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
        {
            runs.Note(JsonSerializer.Deserialize((string)context.MergedJobDataMap[Payload]!, LetterJson.Default.Letter)!);
            return default;
        }
    }
}
