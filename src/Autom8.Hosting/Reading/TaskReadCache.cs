using Autom8.Caching;
using Autom8.Caching.Regions;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Autom8.Hosting;

/// <summary>The regions that hold what was read of tasks. They live for half a second in each tier, so that what moves by itself is never shown older than a second, whatever clocks say.</summary>
internal sealed partial class TaskReadCache(IServiceProvider services, ILogger<TaskReadCache> logger)
{
    private const string TasksName = "autom8.tasks";
    private const string PagesName = "autom8.task-pages";
    private const string ExecutionsName = "autom8.task-executions";

    private static readonly TimeSpan Life = TimeSpan.FromMilliseconds(500);

    public ICacheRegion<Guid, ScheduledTask?> Tasks { get; } =
        services.GetRequiredKeyedService<ICacheRegion<Guid, ScheduledTask?>>(TasksName);

    public ICacheRegion<string, TaskPage> Pages { get; } = services.GetRequiredKeyedService<ICacheRegion<string, TaskPage>>(PagesName);

    public ICacheRegion<string, ExecutionPage> Executions { get; } =
        services.GetRequiredKeyedService<ICacheRegion<string, ExecutionPage>>(ExecutionsName);

    public static void AddRegions(CachingBuilder caching)
    {
        caching.AddRegion<Guid, ScheduledTask?>(TasksName, Configure);
        caching.AddRegion<string, TaskPage>(PagesName, Configure);
        caching.AddRegion<string, ExecutionPage>(ExecutionsName, Configure);
        caching.AddJsonSerializer(HostingJson.Default.ScheduledTask);
        caching.AddJsonSerializer(HostingJson.Default.TaskPage);
        caching.AddJsonSerializer(HostingJson.Default.ExecutionPage);
    }

    /// <summary>Nobody changes what was read: all who ask may be handed the same instance.</summary>
    public static void Share(CachingOptions options) =>
        options.ShareImmutable<ScheduledTask>().ShareImmutable<TaskPage>().ShareImmutable<ExecutionPage>();

    /// <summary>Forgets all that was read. It never fails: the change that made it stale is committed.</summary>
    public async ValueTask ClearAsync()
    {
        try
        {
            await Task.WhenAll(Tasks.ClearAsync().AsTask(), Pages.ClearAsync().AsTask(), Executions.ClearAsync().AsTask())
                .ConfigureAwait(false);
        }
        catch (Exception error)
        {
            ClearingFailed(logger, error);
        }
    }

    private static void Configure(CacheRegionOptions region)
    {
        region.Capacity = 1_000;
        region.Expiration = Life;
        region.NegativeExpiration = TimeSpan.Zero;
        region.FailureBackoff = TimeSpan.Zero;
    }

    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Warning,
        Message = "A task was changed but could not be removed from the cache: it may be read as it was for up to a second."
    )]
    private static partial void ClearingFailed(ILogger logger, Exception error);
}
