using Autom8.Caching.Tags;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching;

/// <content>Sets, removals and changes.</content>
public sealed partial class TieredCache
{
    /// <summary>
    /// Stores a value in both tiers. A tier that is not to have it (by its flags, its size, or an expiration of zero) loses what it had, so that no read returns an older value.
    /// Loads of the key that are running are not stored.
    /// </summary>
    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An expiration is negative.</exception>
    /// <exception cref="Serialization.CacheSerializerMissingException">The type can neither be shared nor copied; the message says what to register.</exception>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(key);
        ObjectDisposedException.ThrowIf(_parts.IsDisposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        var terms = Terms(key, options);
        var tagSet = TagSet.Copy(tags);
        return IsCacheable(key) ? Done(_engine.SetAsync(key, value, terms, tagSet)) : ValueTask.CompletedTask;
    }

    /// <summary>
    /// Removes a key from both tiers. Once it has returned no read on this node returns what was there, and no load that had begun is stored,
    /// even while the shared tier is down: then the removal there is made up for as soon as it answers, and this node does not read the key there until then.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Looked at before the removal begins; a removal is not given up half-way.</param>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ObjectDisposedException.ThrowIf(_parts.IsDisposed, this);
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : Done(InvalidateAsync(key));
    }

    /// <inheritdoc cref="RemoveAsync(string, CancellationToken)"/>
    /// <param name="keys">The keys, removed at once.</param>
    /// <param name="cancellationToken">Looked at before the removal begins; a removal is not given up half-way.</param>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return All(keys, key => RemoveAsync(key, cancellationToken));
    }

    /// <summary>
    /// Removes every entry that bears a tag, or every entry at all for <c>*</c>. The guarantees are those of <see cref="RemoveAsync(string, CancellationToken)"/>.
    /// </summary>
    /// <param name="tag">The tag, or <c>*</c>.</param>
    /// <param name="cancellationToken">Looked at before the removal begins; a removal is not given up half-way.</param>
    /// <exception cref="ArgumentException">The tag is blank, malformed or longer than 1024 characters.</exception>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        TagSet.Check(tag);
        ObjectDisposedException.ThrowIf(_parts.IsDisposed, this);
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : Done(InvalidateByTagAsync(tag));
    }

    /// <inheritdoc cref="RemoveByTagAsync(string, CancellationToken)"/>
    /// <param name="tags">The tags, removed at once.</param>
    /// <param name="cancellationToken">Looked at before the removal begins; a removal is not given up half-way.</param>
    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return All(tags, tag => RemoveByTagAsync(tag, cancellationToken));
    }

    /// <summary>Removes a key as <see cref="RemoveAsync(string, CancellationToken)"/> does, and says how far that has come.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether the other nodes can have heard of it.</returns>
    public ValueTask<InvalidationStatus> InvalidateAsync(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return IsCacheable(key) ? _engine.RemoveAsync(key) : new(InvalidationStatus.Done);
    }

    /// <summary>Removes a tag as <see cref="RemoveByTagAsync(string, CancellationToken)"/> does, and says how far that has come.</summary>
    /// <param name="tag">The tag, or <c>*</c>.</param>
    /// <returns>Whether the other nodes can have heard of it.</returns>
    public ValueTask<InvalidationStatus> InvalidateByTagAsync(string tag)
    {
        TagSet.Check(tag);
        ObjectDisposedException.ThrowIf(_parts.IsDisposed, this);
        var removal = _parts.Tags.RemoveAsync(tag);
        if (tag == TagSet.All)
        {
            foreach (var engine in _parts.Engines)
            {
                engine.ClearMemory(); // it is all invalid already: this gives the memory back
            }
        }

        return removal;
    }

    /// <summary>
    /// Begins a change of what is behind these keys, before its transaction commits: they are removed, and nothing that is loaded for them is stored anywhere until the change is disposed, which removes them again.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="cancellationToken">Looked at before it begins.</param>
    /// <returns>The change, to be disposed after the commit, or after the transaction was given up.</returns>
    public ValueTask<CacheChange> BeginChangeAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        string[] all = [.. keys];
        foreach (var key in all)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(key, nameof(keys));
        }

        return _engine.BeginChangeAsync(all, _options.Distributed.FenceLifetime);
    }

    private static ValueTask Done(ValueTask<InvalidationStatus> invalidation) =>
        invalidation.IsCompletedSuccessfully ? ValueTask.CompletedTask : new(invalidation.AsTask());

    private static ValueTask All(IEnumerable<string> names, Func<string, ValueTask> remove)
    {
        List<Task>? running = null;
        foreach (var name in names)
        {
            var removal = remove(name);
            if (!removal.IsCompletedSuccessfully)
            {
                (running ??= []).Add(removal.AsTask());
            }
        }

        return running is null ? ValueTask.CompletedTask : new(Task.WhenAll(running));
    }
}
