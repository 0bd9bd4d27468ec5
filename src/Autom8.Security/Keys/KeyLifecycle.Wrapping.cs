using Autom8.Security.Audit;

namespace Autom8.Security.Keys;

/// <content>The exchange of the key-encryption key.</content>
public sealed partial class KeyLifecycle
{
    /// <summary>
    /// Wraps the keyring for another key-encryption key as well: from now on nodes that are given either of the two work, and either stores changes that the other reads. A keyring that was not wrapped
    /// is wrapped by this one only.
    /// </summary>
    /// <returns>The ids of the key-encryption keys that open the keyring.</returns>
    public ValueTask<IReadOnlyList<string>> WrapAlsoForAsync(
        IKeyEncryptionKey keyEncryptionKey,
        AuditActor actor,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(keyEncryptionKey);
        return RewrapAsync(
            (envelope, ct) =>
                envelope is null ? KeyringEnvelope.CreateAsync(keyEncryptionKey, ct) : envelope.WithAsync(keyEncryptionKey, ct),
            actor,
            cancellationToken
        );
    }

    /// <summary>Wraps the keyring, under a new data key, for one key-encryption key alone: others no longer open it.</summary>
    /// <param name="keyEncryptionKey">The key; null for the one in the settings.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="KeyringException">None is given, and the settings have none.</exception>
    public ValueTask<IReadOnlyList<string>> WrapOnlyForAsync(
        IKeyEncryptionKey? keyEncryptionKey,
        AuditActor actor,
        CancellationToken cancellationToken = default
    )
    {
        var only =
            keyEncryptionKey
            ?? _store.KeyEncryptionKey
            ?? throw new KeyringException("The settings give no key-encryption key. " + KeyEncryptionKey.HowToMake);
        return RewrapAsync((_, ct) => KeyringEnvelope.CreateAsync(only, ct), actor, cancellationToken);
    }

    private async ValueTask<IReadOnlyList<string>> RewrapAsync(
        Func<KeyringEnvelope?, CancellationToken, ValueTask<KeyringEnvelope>> rewrap,
        AuditActor actor,
        CancellationToken cancellationToken
    )
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var before = await _provider.RefreshAsync(cancellationToken).ConfigureAwait(false);
                var envelope = await rewrap(before.Envelope, cancellationToken).ConfigureAwait(false);
                var ids = envelope.Wrapped.Select(wrapped => wrapped.KeyEncryptionKeyId).ToArray();
                if (ReferenceEquals(envelope, before.Envelope))
                {
                    return ids;
                }

                var after = new StoredKeyring(before.Keyring.With(before.Keyring.Keys), envelope);
                var entry = KeyEvents.Rewrapped(after.Keyring.Id, ids, actor);
                AuditEntryRules.Check(entry);
                if (await _store.TryReplaceAsync(before, after, [entry], cancellationToken).ConfigureAwait(false))
                {
                    await _provider.TakeUpAsync(after, CancellationToken.None).ConfigureAwait(false);
                    return ids;
                }
            }
        }
        finally
        {
            _changing.Release();
        }
    }
}
