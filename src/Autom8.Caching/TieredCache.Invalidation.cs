using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;
using Autom8.Caching.Tags;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching;

/// <content>Sets and removals: what makes running loads and older copies worthless.</content>
public sealed partial class TieredCache
{
    /// <summary>
    /// Stores a value in both tiers. A tier that is not to have it (by its flags, its size, or an expiration of zero) loses what it had, so that no read returns an older value.
    /// Loads of the key that are running are not stored.
    /// </summary>
    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An expiration is negative.</exception>
    /// <exception cref="CacheSerializerMissingException">The type can neither be shared nor copied; the message says what to register.</exception>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(key);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        var terms = EntryTerms.From(options, _options).Shortened(_options.Jitter * Random.Shared.NextDouble());
        var tagSet = TagSet.Copy(tags);
        if (!IsCacheable(key))
        {
            return ValueTask.CompletedTask;
        }

        var type = _types.Get<T>();
        var entry = MakeEntry(value, type, _tags.Epoch, tagSet);
        DistributedCall? call;
        var stripe = _flights.For(key);
        lock (stripe.Lock)
        {
            call = Change(stripe, key);
            if (!terms.Stores || _disposed || !Keep(key, entry, terms))
            {
                _local.TryRemove(key);
            }
        }

        return call is null ? ValueTask.CompletedTask : PublishAsync(key, entry, type, terms, call);
    }

    /// <summary>
    /// Removes a key from both tiers. Once it has returned no read on this node returns what was there, and no load that had begun is stored,
    /// even while the distributed tier is down: then the removal there is made up for as soon as it answers, and this node does not read the key there until then.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Looked at before the removal begins; a removal is not given up half-way.</param>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (!IsCacheable(key))
        {
            return ValueTask.CompletedTask;
        }

        DistributedCall? call;
        var stripe = _flights.For(key);
        lock (stripe.Lock)
        {
            call = Change(stripe, key);
            _local.TryRemove(key);
        }

        return call is null ? ValueTask.CompletedTask : UnpublishAsync(key, call);
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
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        var removal = _tags.RemoveAsync(tag);
        if (tag == TagSet.All)
        {
            _local.Clear(); // they are invalid already: this gives the memory back
        }

        return removal;
    }

    /// <summary>Fences the loads of a key; under the lock of its stripe. With a distributed tier the key stays fenced until the call there has ended.</summary>
    private DistributedCall? Change(FlightTable.Stripe stripe, string key)
    {
        if (_tier is null)
        {
            if (stripe.Find(key) is { } running)
            {
                running.FenceAll();
                stripe.End(key, running);
            }

            return null;
        }

        var activity = stripe.Begin(key);
        activity.FenceAll();
        activity.Changes++;
        return new DistributedCall(activity);
    }

    private void EndChange(string key, DistributedCall call)
    {
        var stripe = _flights.For(key);
        lock (stripe.Lock)
        {
            // What began while the change was under way knew neither the old state nor the new one for sure.
            call.Activity.FenceAll();
            call.Activity.Changes--;
            call.End();
            stripe.End(key, call.Activity);
        }

        call.Complete();
    }
}
