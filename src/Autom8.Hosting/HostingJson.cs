using System.Text.Json.Serialization;
using Autom8.Scheduling.Tasks;

namespace Autom8.Hosting;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
)]
[JsonSerializable(typeof(TaskChangeDetails))]
[JsonSerializable(typeof(ScheduledTask))]
[JsonSerializable(typeof(TaskPage))]
[JsonSerializable(typeof(ExecutionPage))]
[JsonSerializable(typeof(CachedRange))]
[JsonSerializable(typeof(CachedSeries))]
internal sealed partial class HostingJson : JsonSerializerContext;
