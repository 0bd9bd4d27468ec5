using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Autom8.Caching.Distributed;

namespace Autom8.Caching.Tests;

/// <summary>Payloads, names and messages under a protector.</summary>
public sealed class SealedNodesTests
{
    [Fact]
    public async Task Nodes_with_one_secret_understand_each_other_and_the_tier_sees_nothing()
    {
        var protector = new AesProtector("one");
        using var nodes = new Nodes(2, build: builder => builder.UsePayloadProtector(protector));
        await nodes[0].GetAsync("secret key", "secret value", tags: ["secret tag"]);
        Assert.Equal("secret value", await nodes[1].PeekAsync("secret key"));
        Assert.NotEmpty(nodes.Server.Names);
        foreach (var name in nodes.Server.Names)
        {
            Assert.DoesNotContain("secret", name, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", Encoding.UTF8.GetString(nodes.Server[name]!.Value.Span), StringComparison.Ordinal);
        }

        await nodes[0].Cache.RemoveAsync("secret key"); // the message is sealed, too
        Assert.False(nodes[1].Cache.TryGet<string>("secret key", out _));
        await nodes[1].GetAsync("secret key", "other", tags: ["secret tag"]);
        await nodes.SettleAsync();
        Assert.Equal("other", await nodes[0].PeekAsync("secret key"));
        await nodes[1].Cache.RemoveByTagAsync("secret tag");
        Assert.False(nodes[0].Cache.TryGet<string>("secret key", out _));
    }

    [Fact]
    public async Task Messages_that_were_not_sealed_by_us_move_nothing_and_payloads_neither()
    {
        using var nodes = new Nodes(2, build: builder => builder.UsePayloadProtector(new AesProtector("one")));
        var strangers = nodes.Server.Connect();
        using var stranger = new Node(build: builder =>
            builder.UseSharedCache(_ => strangers).UsePayloadProtector(new AesProtector("another"))
        );
        await nodes[0].Cache.SetAsync("key", "value");
        Assert.Equal("value", await nodes[1].PeekAsync("key"));
        await stranger.Cache.SetAsync("key", "forged");
        await stranger.Cache.RemoveAsync("key");
        await stranger.Cache.RemoveByTagAsync("*");
        Assert.True(nodes[1].Cache.TryGet<string>("key", out var kept));
        Assert.Equal("value", kept);
        var name = nodes.Server.Names.Single(name => name == new AesProtector("one").ProtectKey("a8:v:key"));
        nodes.Server[name] = nodes.Server[new AesProtector("one").ProtectKey("a8:t:*")];
        await nodes[1].Cache.RemoveByTagAsync("another"); // whatever is there: memory still has its own
        using var third = new Node(build: builder =>
            builder.UseSharedCache(_ => nodes.Server.Connect()).UsePayloadProtector(new AesProtector("one"))
        );
        Assert.Equal("loaded", await third.PeekAsync("key", "loaded"));
    }

    private sealed class AesProtector(string secret) : ICachePayloadProtector
    {
        private readonly byte[] _key = SHA256.HashData(Encoding.UTF8.GetBytes(secret));

        public string ProtectKey(string key) => Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(key)));

        public void Protect(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> associatedData, IBufferWriter<byte> destination)
        {
            using var aes = new AesGcm(_key, 16);
            var bytes = new byte[28 + payload.Length];
            RandomNumberGenerator.Fill(bytes.AsSpan(0, 12));
            aes.Encrypt(bytes.AsSpan(0, 12), payload, bytes.AsSpan(28), bytes.AsSpan(12, 16), associatedData);
            destination.Write(bytes);
        }

        public bool TryUnprotect(ReadOnlySpan<byte> protectedPayload, ReadOnlySpan<byte> associatedData, IBufferWriter<byte> destination)
        {
            if (protectedPayload.Length < 28)
            {
                return false;
            }

            using var aes = new AesGcm(_key, 16);
            var opened = new byte[protectedPayload.Length - 28];
            try
            {
                aes.Decrypt(protectedPayload[..12], protectedPayload[28..], protectedPayload[12..28], opened, associatedData);
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }

            destination.Write(opened);
            return true;
        }
    }
}
