using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Autom8.Client;

/// <content>Keys for programs.</content>
public sealed partial class Autom8Client
{
    /// <summary>Sends this API key with every request from now on, in place of a session.</summary>
    /// <exception cref="ArgumentException">It does not look like one.</exception>
    public void UseApiKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!key.StartsWith("a8k_", StringComparison.Ordinal) || key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-')))
        {
            throw new ArgumentException(
                "An API key begins with a8k_ and has letters, digits, '-' and '_' only. Was it copied whole?",
                nameof(key)
            );
        }

        _credential = new Credential(new AuthenticationHeaderValue("ApiKey", key), Session: null);
    }

    /// <summary>The account's own keys, the oldest first.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListApiKeysAsync(CancellationToken cancellationToken = default)
    {
        var list = await SendAsync(HttpMethod.Get, "api/v1/api-keys", content: null, ClientJson.Default.ApiKeyList, cancellationToken)
            .ConfigureAwait(false);
        return list.Items;
    }

    /// <summary>Makes a key. The answer holds its secret, this once.</summary>
    public Task<NewApiKey> CreateApiKeyAsync(ApiKeyDraft draft, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            "api/v1/api-keys",
            JsonContent.Create(draft, ClientJson.Default.ApiKeyDraft),
            ClientJson.Default.NewApiKey,
            cancellationToken
        );

    /// <summary>Revokes one of the account's own keys.</summary>
    public async Task RevokeApiKeyAsync(Guid id, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"api/v1/api-keys/{id}/revoke", content: null, ifMatch: null, cancellationToken)
            .ConfigureAwait(false);
    }
}
