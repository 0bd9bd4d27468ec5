using System.Buffers.Binary;
using System.Security.Cryptography;
using Autom8.Caching.Distributed;

namespace Autom8.Caching.Tags;

/// <content>The versions of tags in the distributed tier.</content>
internal sealed partial class TagRegistry
{
    /// <summary>Versions of tags that nobody uses go by themselves. One that goes while it is used is made anew, which costs misses and never a stale read.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    private static readonly byte[] Schema = "autom8.cache.tag"u8.ToArray();

    /// <summary>Makes everything in the distributed tier a miss for this node (and, once written, for all), without touching memory.</summary>
    public void DistrustDistributedTier()
    {
        var all = Find(TagSet.All);
        lock (all.Gate)
        {
            Renew(all);
        }

        OwesDistributedTier?.Invoke();
    }

    /// <summary>
    /// Asks the tier whether it still is what it was: one that is not starts a new epoch, that is another version of <c>*</c>. What was read of it before is then worth nothing.
    /// </summary>
    /// <returns>Whether it answered, the epoch (0 when that cannot be told right now), and whether it is another than this node knew.</returns>
    public async ValueTask<(bool Answered, ulong Epoch, bool Changed)> BeatAsync(ReadOnlyMemory<byte> message)
    {
        var all = Find(TagSet.All);
        long before;
        lock (all.Gate)
        {
            before = all.Removals;
        }

        var answer = await tier!.BeatAsync(DistributedTier.TagKey(TagSet.All), Schema, Bytes(NewVersion()), message).ConfigureAwait(false);
        if (answer.Outcome.Status is DistributedStatus.Failed or DistributedStatus.Skipped)
        {
            return (false, 0, false);
        }

        var version = Version(answer.Value);
        lock (all.Gate)
        {
            if (all.Removals != before || all.Pending)
            {
                return (true, 0, false); // everything was removed while we asked: the answer may be older than that
            }

            if (version == 0)
            {
                Renew(all); // what stands there is not ours: overwritten by the next round of maintenance
                OwesDistributedTier?.Invoke();
                return (true, 0, true);
            }

            var changed = all.Version != 0 && all.Version != version;
            all.Version = version;
            all.KnownAt = clock.Now;
            return (true, version, changed);
        }
    }

    /// <summary>Whether an epoch began because everything was removed, here or on another node, and not because the tier has lost its memory.</summary>
    public bool IsMeant(ulong epoch) => Volatile.Read(ref _meant) == epoch;

    private void Mean(Tag tag)
    {
        if (tag.Name == TagSet.All)
        {
            Volatile.Write(ref _meant, tag.Version);
        }
    }

    /// <summary>The versions of <c>*</c> and these tags, or null when the distributed tier does not tell them in time.</summary>
    public ValueTask<TagVersion[]?> VersionsAsync(string[] tags)
    {
        var versions = new TagVersion[tags.Length + 1];
        for (var index = 0; index < versions.Length; index++)
        {
            var name = index == 0 ? TagSet.All : tags[index - 1];
            if (KnownVersion(name) is var version && version == 0)
            {
                return ReadVersionsAsync(versions, tags);
            }

            versions[index] = new TagVersion(name, version);
        }

        return new(versions);
    }

    /// <summary>The version of a tag as this node knows it, without asking; 0 when it has to be read.</summary>
    public ulong KnownVersion(string name) => _tags.TryGetValue(name, out var tag) ? Known(tag) : 0;

    /// <summary>
    /// The versions of <c>*</c> and these tags, if each of them had been known before <paramref name="startedAt"/> and none was removed since; otherwise null. For tags that are learnt only when a load is done.
    /// </summary>
    /// <param name="tags">The tags.</param>
    /// <param name="epoch">The epoch in which the load began.</param>
    /// <param name="startedAt">When it began.</param>
    /// <param name="before">Versions that were learnt before it began: one that has only been confirmed since (a beat does that to <c>*</c>) is as good as before.</param>
    public TagVersion[]? VersionsSince(string[] tags, long epoch, long startedAt, TagVersion[] before)
    {
        var versions = new TagVersion[tags.Length + 1];
        for (var index = 0; index < versions.Length; index++)
        {
            var name = index == 0 ? TagSet.All : tags[index - 1];
            if (!_tags.TryGetValue(name, out var tag))
            {
                _ = ReadVersionAsync(name).AsTask(); // for the next load
                return null;
            }

            lock (tag.Gate)
            {
                if (tag.Version == 0 || (tag.KnownAt >= startedAt && !before.Contains(new TagVersion(name, tag.Version))))
                {
                    return null;
                }

                versions[index] = new TagVersion(name, tag.Version);
            }
        }

        return IsCurrent(tags, epoch) ? versions : null;
    }

    /// <summary>The version of a tag; 0 when the distributed tier does not tell it in time.</summary>
    public ValueTask<ulong> VersionAsync(string name) =>
        KnownVersion(name) is var known && known != 0 ? new(known) : ReadVersionAsync(name);

    /// <summary>Writes the versions that the distributed tier is owed.</summary>
    /// <returns>Whether none is left.</returns>
    public async ValueTask<bool> SettleAsync()
    {
        var settled = true;
        foreach (var tag in _tags.Values)
        {
            if (IsPending(tag))
            {
                await PublishAsync(tag, ask: false).ConfigureAwait(false);
                settled &= !IsPending(tag);
            }
        }

        return settled;

        static bool IsPending(Tag tag)
        {
            lock (tag.Gate)
            {
                return tag.Pending;
            }
        }
    }

    /// <summary>What was acknowledged may have been lost by the tier: it is said again.</summary>
    public void Repeat(string name)
    {
        var tag = Find(name);
        lock (tag.Gate)
        {
            Renew(tag);
        }

        OwesDistributedTier?.Invoke();
    }

    private async ValueTask<TagVersion[]?> ReadVersionsAsync(TagVersion[] versions, string[] tags)
    {
        for (var index = 0; index < versions.Length; index++)
        {
            var name = index == 0 ? TagSet.All : tags[index - 1];
            var version = await VersionAsync(name).ConfigureAwait(false);
            if (version == 0)
            {
                return null;
            }

            versions[index] = new TagVersion(name, version);
        }

        return versions;
    }

    private async ValueTask<ulong> ReadVersionAsync(string name)
    {
        while (true)
        {
            var tag = Find(name);
            using (await tag.Turns.EnterAsync().ConfigureAwait(false))
            {
                bool retired;
                lock (tag.Gate)
                {
                    retired = tag.Retired;
                }

                if (!retired)
                {
                    var known = Known(tag);
                    return known != 0 ? known : await ReadAsync(tag).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>The version as this node knows it, or 0 when it has to be read (again).</summary>
    private ulong Known(Tag tag)
    {
        lock (tag.Gate)
        {
            return tag.Pending || clock.Now - tag.KnownAt < VersionLifetime ? tag.Version : 0;
        }
    }

    /// <summary>While messages are known to come through, a version is what was last heard; otherwise it is believed for a while.</summary>
    private double VersionLifetime =>
        Coherence is not { } coherence ? options.TagVersionLifetime.TotalMilliseconds
        : coherence.IsTrusted ? double.PositiveInfinity
        : options.MaxStaleness.TotalMilliseconds;

    private async ValueTask<ulong> ReadAsync(Tag tag)
    {
        long before;
        lock (tag.Gate)
        {
            before = tag.Removals;
        }

        // Never written, or evicted: a new version makes whatever bears an older one a miss.
        var answer = await tier!
            .GetOrAddAsync(DistributedTier.TagKey(tag.Name), Schema, Bytes(NewVersion()), LifetimeOf(tag))
            .ConfigureAwait(false);
        var read = answer.IsDone ? Version(answer.Value) : 0;
        lock (tag.Gate)
        {
            if (tag.Pending || tag.Removals != before)
            {
                return tag.Version; // removed here, or heard of, while we read; 0 when everything is to be read again
            }

            if (answer.Outcome.Status is DistributedStatus.Failed or DistributedStatus.Skipped)
            {
                return 0;
            }

            if (read != 0)
            {
                tag.Version = read;
                tag.KnownAt = clock.Now;
                return read;
            }

            Renew(tag); // what stands there is not ours to believe
        }

        await WriteAsync(tag).ConfigureAwait(false);
        lock (tag.Gate)
        {
            if (tag.Pending)
            {
                OwesDistributedTier?.Invoke();
            }

            return tag.Version;
        }
    }

    private async ValueTask<InvalidationStatus> PublishAsync(Tag tag, bool ask = true)
    {
        using (await tag.Turns.EnterAsync().ConfigureAwait(false))
        {
            await WriteAsync(tag).ConfigureAwait(false);
        }

        lock (tag.Gate)
        {
            if (!tag.Pending)
            {
                return InvalidationStatus.Done;
            }
        }

        if (ask)
        {
            OwesDistributedTier?.Invoke();
        }

        return InvalidationStatus.Pending;
    }

    private async ValueTask WriteAsync(Tag tag)
    {
        ulong version;
        lock (tag.Gate)
        {
            if (!tag.Pending)
            {
                return; // the one before us wrote our version too
            }

            version = tag.Version;
        }

        var said = Coherence?.TagMessage(tag.Name, version) ?? default;
        var answer = await tier!
            .SetAsync(DistributedTier.TagKey(tag.Name), Schema, Bytes(version), LifetimeOf(tag), said.Bytes)
            .ConfigureAwait(false);
        if (answer.IsDone)
        {
            Coherence?.Acknowledged(said);
        }

        lock (tag.Gate)
        {
            if (answer.Outcome.Hung is not null)
            {
                tag.Hung = answer.Outcome.Hung;
            }

            // While an older write may still land, ours may be overwritten: it stays pending and is written again.
            if (answer.IsDone && tag.Version == version && tag.Hung is not { IsCompleted: false })
            {
                tag.Hung = null;
                tag.Pending = false;
                tag.KnownAt = clock.Now;
            }
        }
    }

    private void Renew(Tag tag)
    {
        if (tier is null)
        {
            return;
        }

        tag.Version = NewVersion();
        tag.KnownAt = clock.Now;
        tag.Pending = true;
        tag.Awaited = Coherence is null ? 0 : tag.Version;
        Mean(tag);
    }

    private static TimeSpan LifetimeOf(Tag tag) => tag.Name == TagSet.All ? TimeSpan.MaxValue : Lifetime;

    private static ulong NewVersion()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        return BinaryPrimitives.ReadUInt64LittleEndian(random) | 1; // 0 is "not known"
    }

    private static byte[] Bytes(ulong version)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, version);
        return bytes;
    }

    private static ulong Version(ReadOnlyMemory<byte> payload) =>
        payload.Length == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(payload.Span) : 0;
}
