using System.Security.Cryptography;
using Autom8.Security.Encryption;

namespace Autom8.Security.Tests.Encryption;

/// <summary>Both ways of computing AES-256-GCM beside the base library.</summary>
public sealed class AesGcmKeyTests
{
    public static TheoryData<bool> Libraries => Sodium.HasAes256Gcm ? [true, false] : [false];

    /// <summary>The processors that the tests run on have the instructions: otherwise half of these tests would prove nothing.</summary>
    [Fact]
    public void Libsodium_serves_where_the_processor_has_the_instructions() =>
        Assert.Equal(
            System.Runtime.Intrinsics.X86.Aes.IsSupported && System.Runtime.Intrinsics.X86.Pclmulqdq.IsSupported,
            Sodium.HasAes256Gcm && System.Runtime.Intrinsics.X86.X86Base.IsSupported
        );

    [Theory]
    [MemberData(nameof(Libraries))]
    public void It_computes_what_the_base_library_computes(bool bySodium)
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var bytes = RandomNumberGenerator.GetBytes(AesGcmKey.KeyLength);
            using var key = new AesGcmKey(bytes, threads: 1, bySodium);
            using var expected = new AesGcm(bytes, AesGcmKey.TagLength);
            var nonce = RandomNumberGenerator.GetBytes(AesGcmKey.NonceLength);
            var plaintext = RandomNumberGenerator.GetBytes(round < 40 ? round : random.Next(5_000));
            var associated = RandomNumberGenerator.GetBytes(round % 7 == 0 ? 0 : random.Next(400));
            var (ciphertext, tag) = (new byte[plaintext.Length], new byte[AesGcmKey.TagLength]);
            var (expectedCiphertext, expectedTag) = (new byte[plaintext.Length], new byte[AesGcmKey.TagLength]);
            key.Encrypt(nonce, plaintext, ciphertext, tag, associated);
            expected.Encrypt(nonce, plaintext, expectedCiphertext, expectedTag, associated);
            Assert.Equal(expectedCiphertext, ciphertext);
            Assert.Equal(expectedTag, tag);

            var inPlace = plaintext.ToArray();
            key.Encrypt(nonce, inPlace, inPlace, tag, associated);
            Assert.Equal(expectedCiphertext, inPlace);
            Assert.True(key.TryDecrypt(nonce, inPlace, tag, inPlace, associated));
            Assert.Equal(plaintext, inPlace);
        }
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Any_bit_changed_is_noticed_and_leaves_nothing(bool bySodium)
    {
        using var key = new AesGcmKey(RandomNumberGenerator.GetBytes(32), threads: 1, bySodium);
        var parts = new[] { 12, 20, 16, 9 }.Select(RandomNumberGenerator.GetBytes).ToArray();
        var (nonce, ciphertext, tag, associated) = (parts[0], parts[1], parts[2], parts[3]);
        var plaintext = RandomNumberGenerator.GetBytes(20);
        key.Encrypt(nonce, plaintext, ciphertext, tag, associated);
        foreach (var part in parts)
        {
            for (var bit = 0; bit < part.Length * 8; bit++)
            {
                part[bit / 8] ^= (byte)(1 << (bit % 8));
                var decrypted = RandomNumberGenerator.GetBytes(20);
                Assert.False(key.TryDecrypt(nonce, ciphertext, tag, decrypted, associated));
                Assert.Equal(new byte[20], decrypted);
                part[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }

        Assert.True(key.TryDecrypt(nonce, ciphertext, tag, plaintext, associated));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Threads_use_one_key_at_once(bool bySodium)
    {
        using var key = new AesGcmKey(RandomNumberGenerator.GetBytes(32), threads: 2, bySodium);
        Parallel.For(
            0,
            4,
            worker =>
            {
                var (nonce, tag) = (new byte[12], new byte[16]);
                for (var i = 0; i < 2_000; i++)
                {
                    BitConverter.TryWriteBytes(nonce, ((long)worker << 32) | (uint)i);
                    var bytes = new byte[i % 100];
                    key.Encrypt(nonce, bytes, bytes, tag, nonce);
                    Assert.True(key.TryDecrypt(nonce, bytes, tag, bytes, nonce));
                    Assert.True(bytes.AsSpan().IndexOfAnyExcept((byte)0) < 0);
                }
            }
        );
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_key_that_is_wiped_does_nothing_more(bool bySodium)
    {
        var key = new AesGcmKey(RandomNumberGenerator.GetBytes(32), threads: 1, bySodium);
        key.Dispose();
        var ciphertext = new byte[] { 1 };
        Assert.Throws<ObjectDisposedException>(() => key.Encrypt(new byte[12], new byte[1], ciphertext, new byte[16], []));
        Assert.Throws<ObjectDisposedException>(() => key.TryDecrypt(new byte[12], new byte[1], new byte[16], ciphertext, []));
        Assert.Equal([1], ciphertext);
        key.Dispose();
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Nothing_is_ever_encrypted_under_a_wiped_key(bool bySodium)
    {
        for (var round = 0; round < 300; round++)
        {
            var bytes = RandomNumberGenerator.GetBytes(32);
            using var same = new AesGcm(bytes, 16);
            var key = new AesGcmKey(bytes, threads: 1, bySodium);
            using var together = new Barrier(2);
            var wiping = new Thread(() =>
            {
                together.SignalAndWait();
                key.Dispose();
            });
            wiping.Start();
            together.SignalAndWait();
            var (plaintext, ciphertext, tag) = (new byte[40], new byte[40], new byte[16]);
            try
            {
                for (var i = 0; i < 1_000; i++)
                {
                    key.Encrypt(new byte[12], plaintext, ciphertext, tag, []);
                    same.Decrypt(new byte[12], ciphertext, tag, plaintext);
                }

                wiping.Join();
                continue;
            }
            catch (ObjectDisposedException)
            {
                Assert.True(!bySodium || ciphertext.AsSpan().IndexOfAnyExcept((byte)0) < 0 || IsAuthentic(same, ciphertext, tag));
            }

            wiping.Join();
        }
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Wrong_lengths_are_refused(bool bySodium)
    {
        using var key = new AesGcmKey(new byte[32], threads: 1, bySodium);
        Assert.Throws<ArgumentException>(() => key.Encrypt(new byte[11], [], [], new byte[16], []));
        Assert.Throws<ArgumentException>(() => key.Encrypt(new byte[12], [], [], new byte[15], []));
        Assert.Throws<ArgumentException>(() => key.Encrypt(new byte[12], new byte[2], new byte[1], new byte[16], []));
        Assert.Throws<ArgumentException>(() => key.TryDecrypt(new byte[12], new byte[1], new byte[16], new byte[2], []));
        Assert.Throws<ArgumentException>(() => new AesGcmKey(new byte[16]));
    }

    private static bool IsAuthentic(AesGcm key, byte[] ciphertext, byte[] tag)
    {
        try
        {
            key.Decrypt(new byte[12], ciphertext, tag, new byte[ciphertext.Length]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
