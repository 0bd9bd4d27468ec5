namespace Autom8.Security.Accounts;

/// <summary>A key that was verified, and when it ends.</summary>
internal sealed record RememberedApiKey(ApiKeyIdentity Identity, DateTimeOffset? ExpiresAt);
