using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Benchmarks.Scheduling.Contenders;

/// <summary>Hangfire with everything that makes it faster: a poll of 50 ms, and LISTEN.</summary>
internal sealed class HangfireContender : IContender
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private readonly RunCount _runs = new();
    private readonly NpgsqlDataSource _database;
    private readonly ServiceProvider _services;
    private readonly PostgreSqlStorage _storage;
    private readonly BackgroundJobClient _client;
    private BackgroundJobServer? _server;

    public HangfireContender(string connectionString)
    {
        var options = new PostgreSqlStorageOptions { QueuePollInterval = Poll, EnableLongPolling = true };
        _database = NpgsqlDataSource.Create(connectionString);
        _services = new ServiceCollection().AddSingleton(_runs).AddScoped<SendLetter>().BuildServiceProvider();
        _storage = new PostgreSqlStorage(new NpgsqlConnectionFactory(connectionString, options), options);
        _client = new BackgroundJobClient(_storage);
    }

    /// <summary>There is no way to store many at once.</summary>
    public async Task StoreAsync(int count)
    {
        _runs.Expect(count);
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            (index, _) =>
            {
                Enqueue(index);
                return default;
            }
        );
    }

    public Task EnqueueAsync(int index)
    {
        Enqueue(index);
        return Task.CompletedTask;
    }

    public Task StartAsync()
    {
        _server = new BackgroundJobServer(
            new BackgroundJobServerOptions
            {
                WorkerCount = SchedulerHosts.Workers,
                SchedulePollingInterval = TimeSpan.FromSeconds(1),
                Activator = new ScopeActivator(_services.GetRequiredService<IServiceScopeFactory>()),
            },
            _storage
        );
        return Task.CompletedTask;
    }

    public async Task RecordedAsync()
    {
        await _runs.All;
        await SchedulerHosts.UntilAsync(async () =>
            await _database.ScalarAsync<bool>(
                "select not exists (select from hangfire.jobqueue) and not exists (select from hangfire.job where statename <> 'Succeeded')"
            )
        );
    }

    public async ValueTask DisposeAsync()
    {
        _server?.Dispose();
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    private void Enqueue(int index)
    {
        var letter = Letter.Of(index);
        _client.Enqueue<SendLetter>(job => job.Run(letter));
    }

    internal sealed class SendLetter(RunCount runs)
    {
        public void Run(Letter letter) => runs.Note(letter);
    }

    private sealed class ScopeActivator(IServiceScopeFactory scopes) : JobActivator
    {
        public override JobActivatorScope BeginScope(PerformContext context) => new Scope(scopes.CreateScope());

        private sealed class Scope(IServiceScope scope) : JobActivatorScope
        {
            public override object Resolve(Type type) => scope.ServiceProvider.GetRequiredService(type);

            public override void DisposeScope() => scope.Dispose();
        }
    }
}
