using System.Text.Json.Serialization;
using Autom8.Scheduling.Alerts.Sinks;

namespace Autom8.Scheduling.Alerts;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(AlertState))]
[JsonSerializable(typeof(WebhookMessage))]
internal sealed partial class AlertJson : JsonSerializerContext;
