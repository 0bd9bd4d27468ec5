using System.Buffers.Binary;
using System.Security.Cryptography;
using Autom8.Caching.Distributed;

namespace Autom8.Caching.Tags;

/// <content>The versions of tags in the distributed tier.</content>
internal sealed partial class TagRegistry
{
    /// <summary>Versions of tags that nobody uses go by themselves. One that goes while it is used is made anew, which costs misses and never a stale read.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>Makes everything in the distributed tier a miss for this node (and, once written, for all), without touching memory.</summary>
    public void DistrustDistributedTier()
    {
        var all = _tags.GetOrAdd(TagSet.All, static name => new Tag(name));
        lock (all.Gate)
        {
            Renew(all);
        }

        OwesDistributedTier?.Invoke();
    }

    /// <summary>The versions of <c>*</c> and these tags, or null when the distributed tier does not tell them in time.</summary>
    public async ValueTask<TagVersion[]?> VersionsAsync(string[] tags, CancellationToken cancellationToken)
    {
        var versions = new TagVersion[tags.Length + 1];
        for (var index = 0; index < versions.Length; index++)
        {
            var name = index == 0 ? TagSet.All : tags[index - 1];
            var version = await VersionAsync(name, cancellationToken).ConfigureAwait(false);
            if (version == 0)
            {
                return null;
            }

            versions[index] = new TagVersion(name, version);
        }

        return versions;
    }

    /// <summary>Whether every tag still has the version that an entry of the distributed tier bears.</summary>
    public async ValueTask<bool> AreCurrentAsync(TagVersion[] versions, CancellationToken cancellationToken)
    {
        foreach (var (name, version) in versions)
        {
            if (await VersionAsync(name, cancellationToken).ConfigureAwait(false) != version)
            {
                return false;
            }
        }

        return true;
    }

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

    private async ValueTask<ulong> VersionAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            var tag = _tags.GetOrAdd(name, static key => new Tag(key));
            if (Known(tag) is var known && known != 0)
            {
                return known;
            }

            await tag.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (!IsRetired(tag))
                {
                    known = Known(tag);
                    return known != 0 ? known : await ReadAsync(tag).ConfigureAwait(false);
                }
            }
            finally
            {
                tag.Turn.Release();
            }
        }

        static bool IsRetired(Tag tag)
        {
            lock (tag.Gate)
            {
                return tag.Retired;
            }
        }
    }

    /// <summary>The version as this node knows it, or 0 when it has to be read (again).</summary>
    private ulong Known(Tag tag)
    {
        lock (tag.Gate)
        {
            return tag.Pending || clock.Now - tag.KnownAt < options.TagVersionLifetime.TotalMilliseconds ? tag.Version : 0;
        }
    }

    private async ValueTask<ulong> ReadAsync(Tag tag)
    {
        // Others wait for this turn, so it is not cancelled with the one who happened to take it: its deadline bounds it.
        var (status, payload) = await tier!
            .GetAsync(DistributedTier.TagKey(tag.Name), Schema, CancellationToken.None)
            .ConfigureAwait(false);
        var read =
            status == DistributedStatus.Done && payload.Length == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(payload.Span) : 0;
        lock (tag.Gate)
        {
            if (tag.Pending)
            {
                return tag.Version; // removed here while we read
            }

            if (status is DistributedStatus.Failed or DistributedStatus.Skipped)
            {
                return 0;
            }

            if (read != 0)
            {
                tag.Version = read;
                tag.KnownAt = clock.Now;
                return read;
            }

            // Never written, or evicted: a new version makes whatever bears an older one a miss.
            Renew(tag);
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

    private async ValueTask PublishAsync(Tag tag, bool ask = true)
    {
        await tag.Turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await WriteAsync(tag).ConfigureAwait(false);
        }
        finally
        {
            tag.Turn.Release();
        }

        lock (tag.Gate)
        {
            if (!tag.Pending || !ask)
            {
                return;
            }
        }

        OwesDistributedTier?.Invoke();
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

        var lifetime = tag.Name == TagSet.All ? TimeSpan.MaxValue : Lifetime;
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, version);
        var outcome = await tier!.SetAsync(DistributedTier.TagKey(tag.Name), Schema, bytes, lifetime).ConfigureAwait(false);
        lock (tag.Gate)
        {
            if (outcome.Hung is not null)
            {
                tag.Hung = outcome.Hung;
            }

            // While an older write may still land, ours may be overwritten: it stays pending and is written again.
            if (outcome.Status == DistributedStatus.Done && tag.Version == version && tag.Hung is not { IsCompleted: false })
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

        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        tag.Version = BinaryPrimitives.ReadUInt64LittleEndian(random) | 1; // 0 is "not known"
        tag.KnownAt = clock.Now;
        tag.Pending = true;
    }
}
