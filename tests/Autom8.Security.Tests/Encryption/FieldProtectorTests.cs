using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Encryption;

public sealed class FieldProtectorTests
{
    private static readonly Guid Row = new("0198c0de-0000-7000-8000-000000000001");
    private static readonly FieldContext Phone = new("contact", "phone_encrypted", Row);

    private readonly Keyring keyring = Keyrings.New();
    private readonly FieldProtector protector;

    public FieldProtectorTests() => protector = new FieldProtector(keyring);

    [Property]
    public void What_was_protected_comes_back(NonNull<string> value)
    {
        if (!IsWellFormed(value.Get))
        {
            Assert.Throws<EncoderFallbackException>(() => protector.Protect(value.Get, Phone));
            return;
        }

        Assert.Equal(value.Get, protector.Unprotect(protector.Protect(value.Get, Phone), Phone));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(1_000_000)]
    public void Every_length_comes_back_with_46_bytes_of_overhead(int length)
    {
        var text = new string('x', length);
        var field = protector.Protect(text, Phone);
        Assert.Equal(46 + length, field.Bytes.Length);
        Assert.Equal(text, protector.Unprotect(field, Phone));
    }

    [Fact]
    public void Equal_values_give_different_ciphertexts() =>
        Assert.NotEqual(protector.Protect("+15550100", Phone).ToArray(), protector.Protect("+15550100", Phone).ToArray());

    [Fact]
    public void The_ciphertext_does_not_contain_the_value()
    {
        var bytes = protector.Protect("someone@example.org", Phone).ToArray();
        Assert.Equal(-1, bytes.AsSpan().IndexOf("example"u8));
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var bytes = protector.Protect("+15550100", Phone).ToArray();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var altered = bytes.ToArray();
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            var e = Assert.Throws<FieldProtectionException>(() => protector.Unprotect(new EncryptedField(altered), Phone));
            var expected = (bit / 8) switch
            {
                0 => FieldProtectionFailure.Malformed,
                1 => FieldProtectionFailure.UnknownVersion,
                < 18 => FieldProtectionFailure.UnknownKey,
                _ => FieldProtectionFailure.NotAuthentic,
            };
            Assert.Equal(expected, e.Failure);
        }
    }

    [Fact]
    public void Every_truncation_and_extension_is_noticed()
    {
        var bytes = protector.Protect("+15550100", Phone).ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Throws<FieldProtectionException>(() => protector.Unprotect(new EncryptedField(cut), Phone));
        }

        Assert.Throws<FieldProtectionException>(() => protector.Unprotect(new EncryptedField([.. bytes, 0]), Phone));
        Assert.Throws<FieldProtectionException>(() => protector.Unprotect(default, Phone));
    }

    [Fact]
    public void A_ciphertext_moved_to_another_place_does_not_decrypt_and_the_error_names_that_place()
    {
        var field = protector.Protect("+15550100", Phone);
        var other = Guid.CreateVersion7(Keyrings.Start);
        foreach (
            var place in new[] { Phone with { Table = "user" }, Phone with { Column = "email_encrypted" }, Phone with { RowId = other } }
        )
        {
            var e = Assert.Throws<FieldProtectionException>(() => protector.Unprotect(field, place));
            Assert.Equal((place.Table, place.Column, place.RowId), (e.Table, e.Column, e.RowId));
            Assert.Equal(FieldProtectionFailure.NotAuthentic, e.Failure);
            Assert.Contains(place.Table, e.Message, StringComparison.Ordinal);
            Assert.Contains(place.Column, e.Message, StringComparison.Ordinal);
            Assert.Contains(place.RowId.ToString(), e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("5550100", e.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_that_run_together_are_different_places()
    {
        var field = protector.Protect("x", new FieldContext("ab", "c", Row));
        Assert.Throws<FieldProtectionException>(() => protector.Unprotect(field, new FieldContext("a", "bc", Row)));
    }

    [Fact]
    public void Another_keyring_decrypts_nothing()
    {
        var field = protector.Protect("x", Phone);
        var e = Assert.Throws<FieldProtectionException>(() => new FieldProtector(Keyrings.New()).Unprotect(field, Phone));
        Assert.Equal(FieldProtectionFailure.UnknownKey, e.Failure);
    }

    [Fact]
    public void After_a_rotation_old_fields_decrypt_and_new_ones_use_the_new_key()
    {
        var field = protector.Protect("old", Phone);
        var rotated = Keyrings.Rotated(keyring, KeyPurpose.FieldEncryption);
        var after = new FieldProtector(rotated);
        Assert.Equal("old", after.Unprotect(field, Phone));
        Assert.Equal(rotated.Active(KeyPurpose.FieldEncryption).Id, new KeyId(after.Protect("new", Phone).Bytes.Span.Slice(2, 16)));
        var destroyed = new FieldProtector(Keyrings.Rotated(keyring, KeyPurpose.FieldEncryption, KeyState.Destroyed));
        Assert.Throws<FieldProtectionException>(() => destroyed.Unprotect(field, Phone));
    }

    [Fact]
    public void An_incomplete_place_is_refused_at_the_door()
    {
        foreach (
            var place in new[] { default, Phone with { Table = "" }, Phone with { Column = null! }, Phone with { RowId = Guid.Empty } }
        )
        {
            Assert.Throws<ArgumentException>(() => protector.Protect("x", place));
            Assert.Throws<ArgumentException>(() => protector.Unprotect(default, place));
        }
    }

    /// <summary>Rows encrypted today must decrypt in ten years: format 1 rebuilt here from its description alone.</summary>
    [Fact]
    public void Format_1_is_frozen()
    {
        var key = keyring.Active(KeyPurpose.FieldEncryption);
        var rowKey = HKDF.Expand(HashAlgorithmName.SHA256, key.Material.ToArray(), 32, List("autom8/field/v1/row-key", "contact", Row));
        byte[] nonce = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        var plaintext = Encoding.UTF8.GetBytes("Zoë +15550100");
        var ciphertext = new byte[plaintext.Length];
        var tag = new byte[16];
        using var aes = new AesGcm(rowKey, 16);
        aes.Encrypt(nonce, plaintext, ciphertext, tag, List("autom8/field/v1/aad", key.Id.ToString(), "contact", "phone_encrypted", Row));
        byte[] field = [0xA8, 1, .. key.Id.ToArray(), .. nonce, .. ciphertext, .. tag];
        Assert.Equal("Zoë +15550100", protector.Unprotect(new EncryptedField(field), Phone));
    }

    [Fact]
    public async Task Many_threads_may_share_a_protector()
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(n =>
                    Task.Run(() =>
                    {
                        for (var i = 0; i < 200; i++)
                        {
                            var place = Phone with { RowId = new Guid(n + 1, (short)i, 0, new byte[8]) };
                            Assert.Equal($"{n}/{i}", protector.Unprotect(protector.Protect($"{n}/{i}", place), place));
                        }
                    })
                )
        );
    }

    private static byte[] List(params object[] parts)
    {
        using var stream = new MemoryStream();
        foreach (var part in parts)
        {
            var bytes = part is Guid id ? id.ToByteArray(bigEndian: true) : Encoding.UTF8.GetBytes((string)part);
            stream.Write([0, 0, 0, (byte)bytes.Length]);
            stream.Write(bytes);
        }

        return stream.ToArray();
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
