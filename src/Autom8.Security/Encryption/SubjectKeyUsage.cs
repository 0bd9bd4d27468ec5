using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>Which field keys still wrap keys of subjects.</summary>
internal sealed class SubjectKeyUsage(ISubjectKeyStore store) : IKeyUsage
{
    public async ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default)
    {
        var counts = await store.CountAsync(cancellationToken).ConfigureAwait(false);
        return [.. counts.Select(count => new KeyUse(KeyPurpose.FieldEncryption, count.Key, "subject_key", count.Rows))];
    }
}
