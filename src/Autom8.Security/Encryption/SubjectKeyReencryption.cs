using System.Security.Cryptography;
using Autom8.Security.Reencryption;

namespace Autom8.Security.Encryption;

/// <summary>Wraps the keys of subjects anew under the active field key: so a rotation touches 61 bytes for each subject, and no field.</summary>
internal sealed class SubjectKeyReencryption(ISubjectKeyStore store, SubjectKeyWrapper wrapper) : IReencryption
{
    public string Name => "subject_key";

    public string Target => wrapper.Active.ToString();

    public async ValueTask<ReencryptionBatch> RunBatchAsync(Guid? after, int limit, CancellationToken cancellationToken = default)
    {
        var rows = await store.ListStaleAsync(wrapper.Active, after, limit, cancellationToken).ConfigureAwait(false);
        var rewrapped = new List<(StoredSubjectKey, StoredSubjectKey)>(rows.Count);
        foreach (var row in rows)
        {
            if (Rewrap(row) is { } renewed)
            {
                rewrapped.Add((row, renewed));
            }
        }

        var changed = rewrapped.Count == 0 ? 0 : await store.RewrapAsync(rewrapped, cancellationToken).ConfigureAwait(false);
        return new ReencryptionBatch(rows.Count < limit ? null : rows[^1].Subject, changed, rows.Count - rewrapped.Count);
    }

    // The commitment stays: the data key does.
    private StoredSubjectKey? Rewrap(StoredSubjectKey row)
    {
        Span<byte> dataKey = stackalloc byte[AesGcmKey.KeyLength];
        try
        {
            return wrapper.Unwrap(row, dataKey) is null ? wrapper.Wrap(row.Subject, dataKey, row.CreatedAt) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }
}
