using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Autom8.Scheduling.Monitoring;

/// <summary>The package's logger; silent in a container without logging.</summary>
internal sealed class SchedulingLogger(IServiceProvider services)
{
    public ILogger Log { get; } = services.GetService<ILoggerFactory>()?.CreateLogger(SchedulingTelemetry.Name) ?? NullLogger.Instance;
}
