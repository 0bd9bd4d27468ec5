using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Autom8.Testing.Scheduling;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Tests.Storage;

public sealed class SqliteTaskStoreTests() : TaskStoreTests(new SqliteTestDatabase());

public sealed class PostgreSqlTaskStoreTests() : TaskStoreTests(new PostgreSqlTestDatabase());

public abstract class TaskStoreTests(TestDatabase database) : TaskStoreContract
{
    private ServiceProvider? _provider;

    protected override ValueTask<ITaskStore> OpenAsync(ITaskChangeSink sink)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(Time).AddSingleton(sink);
        database.Use(services.AddAutom8Scheduling());
        _provider = services.BuildServiceProvider();
        return new(database.Prepare(_provider.GetRequiredService<ITaskStore>(), Time));
    }

    protected override ValueTask CloseAsync() => _provider!.DisposeAsync();

    protected override ValueTask RemoveAsync()
    {
        database.Dispose();
        return default;
    }
}
