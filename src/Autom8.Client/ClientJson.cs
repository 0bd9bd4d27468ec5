using System.Text.Json.Serialization;

namespace Autom8.Client;

internal sealed record Login(string Name, string Password);

internal sealed record PasswordChange(string Name, string CurrentPassword, string NewPassword);

internal sealed record Search(string? Email, string? Phone);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(Login))]
[JsonSerializable(typeof(PasswordChange))]
[JsonSerializable(typeof(Search))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(Contact))]
[JsonSerializable(typeof(ContactDraft))]
[JsonSerializable(typeof(ContactPage))]
[JsonSerializable(typeof(ImportLine))]
internal sealed partial class ClientJson : JsonSerializerContext;
