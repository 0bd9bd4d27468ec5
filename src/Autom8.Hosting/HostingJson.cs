using System.Text.Json.Serialization;

namespace Autom8.Hosting;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TaskChangeDetails))]
internal sealed partial class HostingJson : JsonSerializerContext;
