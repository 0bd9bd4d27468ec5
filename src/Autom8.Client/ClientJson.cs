using System.Text.Json.Serialization;

namespace Autom8.Client;

internal sealed record Login(string Name, string Password, string? Code);

internal sealed record Refresh(string RefreshToken);

internal sealed record PasswordChange(string Name, string CurrentPassword, string NewPassword, string? Code);

internal sealed record Search(string? Email, string? Phone);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(Login))]
[JsonSerializable(typeof(Refresh))]
[JsonSerializable(typeof(PasswordChange))]
[JsonSerializable(typeof(Search))]
[JsonSerializable(typeof(ApiKeyDraft))]
[JsonSerializable(typeof(ApiKeyList))]
[JsonSerializable(typeof(NewApiKey))]
[JsonSerializable(typeof(SecondFactorEnrol))]
[JsonSerializable(typeof(SecondFactorCode))]
[JsonSerializable(typeof(SecondFactorDisable))]
[JsonSerializable(typeof(SecondFactorSecret))]
[JsonSerializable(typeof(SecondFactorStatus))]
[JsonSerializable(typeof(RecoveryCodes))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(Contact))]
[JsonSerializable(typeof(ContactDraft))]
[JsonSerializable(typeof(ContactPage))]
[JsonSerializable(typeof(ImportLine))]
internal sealed partial class ClientJson : JsonSerializerContext;
