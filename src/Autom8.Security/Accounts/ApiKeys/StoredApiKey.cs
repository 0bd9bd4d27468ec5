using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>A key with the hash of its secret.</summary>
internal sealed record StoredApiKey(ApiKey Key, byte[] Hash, KeyId HashKey)
{
    public const string Columns = "id, account_id, kind, name, hash, key_id, roles, scopes, created_at, expires_at, last_used_at";

    public static string Write(ApiKeyKind kind) => kind == ApiKeyKind.AppPassword ? "app_password" : "api_key";

    public static ApiKeyKind ReadKind(string kind) => kind == "app_password" ? ApiKeyKind.AppPassword : ApiKeyKind.ApiKey;

    public override string ToString() => $"API key {Key.Id}";
}
