using System.Data.Common;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Autom8.Testing.Scheduling;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Tests.Storage;

public sealed class SqliteSchedulerStoreTests() : SchedulerStoreTests(new SqliteTestDatabase());

public sealed class PostgreSqlSchedulerStoreTests() : SchedulerStoreTests(new PostgreSqlTestDatabase());

public abstract class SchedulerStoreTests(TestDatabase database) : SchedulerStoreContract
{
    private ServiceProvider? _provider;

    protected override ValueTask<IServiceProvider> OpenAsync(ITaskChangeSink sink)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(Time).AddSingleton(sink);
        database.Use(services.AddAutom8Scheduling());
        _provider = services.BuildServiceProvider();
        database.Prepare(_provider.GetRequiredService<ISchedulerStore>(), Time);
        return new(_provider);
    }

    protected override ValueTask InTransactionAsync(Func<DbTransaction, string, ValueTask> work) =>
        database.InTransactionAsync(_provider!, work);

    protected override ValueTask CloseAsync() => _provider!.DisposeAsync();

    protected override ValueTask RemoveAsync()
    {
        database.Dispose();
        return default;
    }
}
