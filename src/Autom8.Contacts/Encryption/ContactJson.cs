using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Autom8.Contacts.Encryption;

/// <summary>A phone number or e-mail address inside a ciphertext.</summary>
internal sealed record SealedAddress(string? Label, string Value, string Normalized);

/// <summary>Everything else inside a ciphertext. The name is here when it is itself an address; <c>NameKind</c> is <c>email</c> or <c>phone</c>.</summary>
internal sealed record SealedDetails(
    string? Name,
    string? NameKind,
    string? NameNormalized,
    string? Organization,
    string? Title,
    string? Note
);

/// <summary>The JSON inside the ciphertexts: members in the order of declaration, what is null left out, nothing unknown accepted.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(SealedAddress[]))]
[JsonSerializable(typeof(SealedDetails))]
internal sealed partial class ContactJson : JsonSerializerContext
{
    // Non-Latin text as itself, not as escapes six times its size: the JSON never leaves a ciphertext. The rest is as in the attribute.
    public static ContactJson Compact { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
                UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
}
