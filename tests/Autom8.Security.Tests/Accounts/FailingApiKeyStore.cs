using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Keys;

namespace Autom8.Security.Tests.Accounts;

/// <summary>A store of API keys that fails where the test says.</summary>
internal sealed class FailingApiKeyStore(IApiKeyStore store) : IApiKeyStore
{
    public Exception? FindFailure { get; set; }

    public Exception? UsedFailure { get; set; }

    public ValueTask<bool> AddAsync(StoredApiKey key, int most, AuditEntry entry, CancellationToken ct) =>
        store.AddAsync(key, most, entry, ct);

    public ValueTask<StoredApiKey?> FindAsync(IReadOnlyList<byte[]> hashes, CancellationToken ct) =>
        FindFailure is null ? store.FindAsync(hashes, ct) : throw FindFailure;

    public ValueTask<IReadOnlyList<ApiKey>> ListAsync(Guid accountId, CancellationToken ct) => store.ListAsync(accountId, ct);

    public ValueTask UsedAsync(StoredApiKey key, DateTimeOffset now, DateTimeOffset ifBefore, CancellationToken ct) =>
        UsedFailure is null ? store.UsedAsync(key, now, ifBefore, ct) : throw UsedFailure;

    public ValueTask<bool> RevokeAsync(Guid accountId, Guid id, DateTimeOffset now, AuditEntry entry, CancellationToken ct) =>
        store.RevokeAsync(accountId, id, now, entry, ct);

    public ValueTask<IReadOnlyList<(KeyId Key, long Rows)>> CountKeysAsync(CancellationToken ct) => store.CountKeysAsync(ct);
}
