using System.Collections.Concurrent;
using Autom8.Caching.Coherence;
using Autom8.Caching.Distributed;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;

namespace Autom8.Caching.Tags;

/// <summary>
/// Invalidation by tag. In memory every removal moves one epoch, and an entry is valid while none of its tags was removed after the epoch in which its load began: while the epoch stands still
/// a hit costs one compare, and after it moved each entry is looked at once. In the distributed tier every tag has a version, a random number: an entry carries the versions of its tags
/// as they were when its load began, and is a miss once any of them has another. No clock takes part in either.
/// </summary>
internal sealed partial class TagRegistry(
    DistributedTier? tier,
    DistributedTierOptions options,
    LocalClock clock,
    WorkQueue work,
    int maximumTags = 65_536
)
{
    private readonly ConcurrentDictionary<string, Tag> _tags = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _epoch = 1;
    private long _clearedAt;
    private ulong _meant;

    /// <summary>Called when the distributed tier is owed a version.</summary>
    public Action? OwesDistributedTier { get; set; }

    /// <summary>What tells the other nodes, where anything does.</summary>
    public NodeCoherence? Coherence { get; set; }

    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Whether nothing that concerns these tags was removed since <paramref name="epoch"/>.</summary>
    public bool IsCurrent(string[] tags, long epoch)
    {
        if (Volatile.Read(ref _clearedAt) > epoch)
        {
            return false;
        }

        foreach (var tag in tags)
        {
            if (_tags.TryGetValue(tag, out var known) && known.RemovedAt > epoch)
            {
                return false;
            }
        }

        // A trim drops tags only after it has raised the floor, so it is looked at again.
        return Volatile.Read(ref _clearedAt) <= epoch;
    }

    /// <summary>The slow half of a hit: the epoch has moved since the entry was last looked at.</summary>
    public bool Recheck(CacheEntry entry)
    {
        var epoch = Epoch;
        if (!IsCurrent(entry.Traits.Tags, entry.Epoch))
        {
            return false;
        }

        entry.Epoch = epoch;
        return true;
    }

    /// <summary>Once it returns, memory serves nothing that bears the tag and began before; the distributed tier is told under its deadline, or as soon as it can be.</summary>
    public ValueTask<InvalidationStatus> RemoveAsync(string name)
    {
        var tag = Invalidate(name, Renew);
        return tier is null ? new(InvalidationStatus.Done) : PublishAsync(tag);
    }

    /// <summary>Another node has removed a tag, or this node's own removal has come back as a message.</summary>
    public void Heard(string name, ulong version, bool own)
    {
        if (own)
        {
            if (_tags.TryGetValue(name, out var mine))
            {
                lock (mine.Gate)
                {
                    if (mine.Awaited == version)
                    {
                        mine.Awaited = 0;
                    }
                }
            }

            return;
        }

        Invalidate(
            name,
            tag =>
            {
                if (tag.Awaited == 0 && !tag.Pending)
                {
                    tag.Version = version;
                    tag.KnownAt = clock.Now;
                    Mean(tag);
                }
            }
        );
    }

    /// <summary>Everything in memory becomes invalid, and every version is read again: something may have been missed.</summary>
    public void Distrust()
    {
        lock (_gate)
        {
            foreach (var tag in _tags.Values)
            {
                lock (tag.Gate)
                {
                    tag.Removals++;
                    tag.Awaited = 0;
                    if (!tag.Pending)
                    {
                        tag.Version = 0;
                    }
                }
            }

            var next = _epoch + 1;
            Volatile.Write(ref _clearedAt, next);
            Volatile.Write(ref _epoch, next);
        }
    }

    private Tag Invalidate(string name, Action<Tag> renew)
    {
        lock (_gate)
        {
            if (_tags.Count >= maximumTags)
            {
                Trim();
            }

            var tag = Find(name);
            var next = _epoch + 1;
            lock (tag.Gate)
            {
                tag.RemovedAt = next;
                tag.Removals++;
                renew(tag);
            }

            if (name == TagSet.All)
            {
                Volatile.Write(ref _clearedAt, next);
            }

            // Last, so that whoever sees the new epoch sees the removal.
            Volatile.Write(ref _epoch, next);
            return tag;
        }
    }

    private Tag Find(string name) => _tags.GetOrAdd(name, static (key, work) => new Tag(key, work), work);

    /// <summary>Forgets removed tags by declaring everything older invalid: too many tags cost misses, never memory without bound and never a stale read.</summary>
    private void Trim()
    {
        var next = _epoch + 1;
        Volatile.Write(ref _clearedAt, next);
        Volatile.Write(ref _epoch, next);
        foreach (var (name, tag) in _tags)
        {
            lock (tag.Gate)
            {
                // Whoever takes the turn after this finds the tag retired; whoever has it keeps the tag.
                if (!tag.Pending && tag.Awaited == 0 && tag.Turns.IsFree && name != TagSet.All)
                {
                    tag.Retired = true;
                    _tags.TryRemove(name, out _);
                }
            }
        }
    }
}
