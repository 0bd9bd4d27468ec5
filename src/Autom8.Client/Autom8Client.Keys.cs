using System.Text.Json.Serialization;

namespace Autom8.Client;

/// <content>The service's keys, for administrators.</content>
public sealed partial class Autom8Client
{
    /// <summary>The keys of the service and how many rows need each; never their material.</summary>
    public Task<KeyList> ListKeysAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, "api/v1/keys", content: null, KeysJson.Default.KeyList, cancellationToken);

    /// <summary>Makes a new key for a purpose, such as <c>TokenSigning</c>.</summary>
    public Task<KeyRotation> RotateKeyAsync(string purpose, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        return SendAsync(
            HttpMethod.Post,
            $"api/v1/keys/{Uri.EscapeDataString(purpose)}/rotate",
            content: null,
            KeysJson.Default.KeyRotation,
            cancellationToken
        );
    }

    /// <summary>Checks the stored keyring, tries each key, and looks for rows that need a lost one.</summary>
    public Task<KeyVerdict> VerifyKeysAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, "api/v1/keys/verify", content: null, KeysJson.Default.KeyVerdict, cancellationToken);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(KeyVerdict))]
internal sealed partial class KeysJson : JsonSerializerContext;
