using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Autom8.Metrics;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;

namespace Autom8.AspNetCore;

/// <summary>
/// How the API reads and writes JSON, generated at build: strict in (an unknown field, a field that stands twice, a null where none is allowed are refused),
/// plain out.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(LoginResponse))]
[JsonSerializable(typeof(PasswordRequest))]
[JsonSerializable(typeof(RefreshRequest))]
[JsonSerializable(typeof(SecondFactorEnrolRequest))]
[JsonSerializable(typeof(SecondFactorEnrolResponse))]
[JsonSerializable(typeof(SecondFactorConfirmRequest))]
[JsonSerializable(typeof(SecondFactorConfirmResponse))]
[JsonSerializable(typeof(SecondFactorDisableRequest))]
[JsonSerializable(typeof(SecondFactorStatusResponse))]
[JsonSerializable(typeof(ApiKeyCreateRequest))]
[JsonSerializable(typeof(NewApiKeyResponse))]
[JsonSerializable(typeof(ApiKeyListResponse))]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(AccountResponse))]
[JsonSerializable(typeof(NewAccountResponse))]
[JsonSerializable(typeof(AccountListResponse))]
[JsonSerializable(typeof(MeResponse))]
[JsonSerializable(typeof(KeyListResponse))]
[JsonSerializable(typeof(KeyRotationResponse))]
[JsonSerializable(typeof(KeyVerdictResponse))]
[JsonSerializable(typeof(ContactRequest))]
[JsonSerializable(typeof(ContactResponse))]
[JsonSerializable(typeof(ContactListResponse))]
[JsonSerializable(typeof(ContactSearchRequest))]
[JsonSerializable(typeof(ImportLine))]
[JsonSerializable(typeof(TaskRequest))]
[JsonSerializable(typeof(TaskResponse))]
[JsonSerializable(typeof(TaskListResponse))]
[JsonSerializable(typeof(ExecutionListResponse))]
[JsonSerializable(typeof(JobListResponse))]
[JsonSerializable(typeof(SchedulePreviewResponse))]
[JsonSerializable(typeof(BackfillRequest))]
[JsonSerializable(typeof(BackfillResponse))]
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(JobPageResponse))]
[JsonSerializable(typeof(JobExecutionListResponse))]
[JsonSerializable(typeof(JobAuditDetails))]
[JsonSerializable(typeof(JobStatisticsResponse))]
[JsonSerializable(typeof(QueueListResponse))]
[JsonSerializable(typeof(QueuePauseRequest))]
[JsonSerializable(typeof(QueueLimitRequest))]
[JsonSerializable(typeof(QueueAuditDetails))]
[JsonSerializable(typeof(SeriesListResponse))]
[JsonSerializable(typeof(MetricQueryResponse))]
[JsonSerializable(typeof(AuditListResponse))]
[JsonSerializable(typeof(AuditVerificationResponse))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>The same for what is written past the endpoints.</summary>
    public static ApiJson Api { get; } = CreateApi();

    /// <summary>Sets options to the API's rules; the endpoints' own options begin with the framework's, which are lenient.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.Converters.Add(new JsonStringEnumConverter<MisfirePolicy>(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new JsonStringEnumConverter<ScheduledTaskStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new JsonStringEnumConverter<OverlapPolicy>(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new JsonStringEnumConverter<JobPriority>(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new JsonStringEnumConverter<JobState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new JsonStringEnumConverter<ExecutionStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new JsonStringEnumConverter<MetricKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.MaxDepth = 16;
        // Names in every script as they are. It is never served as HTML: the type is JSON and nosniff is set.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    }

    private static ApiJson CreateApi()
    {
        var options = new JsonSerializerOptions();
        Configure(options);
        return new ApiJson(options);
    }
}
