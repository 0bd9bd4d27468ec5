using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;

namespace Autom8.Security.Tests.Keys;

public sealed class KeyringTests
{
    [Fact]
    public void A_new_keyring_has_one_active_key_of_each_purpose()
    {
        var keyring = Keyrings.New();
        foreach (var purpose in Enum.GetValues<KeyPurpose>())
        {
            var key = keyring.Active(purpose);
            Assert.Equal(KeyState.Active, key.State);
            Assert.Equal([key], keyring.All(purpose));
            Assert.True(keyring.TryFind(purpose, key.Id, out var found));
            Assert.Same(key, found);
            Assert.Equal(Keyrings.Start, key.CreatedAt);
        }
    }

    [Fact]
    public void The_token_key_is_a_P256_private_key_and_the_others_are_32_random_bytes()
    {
        var keyring = Keyrings.New();
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(keyring.Active(KeyPurpose.TokenSigning).Material, out _);
        Assert.Equal("1.2.840.10045.3.1.7", ecdsa.ExportParameters(false).Curve.Oid.Value);
        var symmetric = Enum.GetValues<KeyPurpose>().Where(purpose => purpose != KeyPurpose.TokenSigning).ToArray();
        Assert.All(symmetric, purpose => Assert.Equal(32, keyring.Active(purpose).Material.Length));
        Assert.Equal(
            symmetric.Length,
            symmetric.Select(purpose => Convert.ToHexString(keyring.Active(purpose).Material)).Distinct().Count()
        );
    }

    [Fact]
    public void A_key_is_found_under_its_own_purpose_only()
    {
        var keyring = Keyrings.New();
        Assert.False(keyring.TryFind(KeyPurpose.Audit, keyring.Active(KeyPurpose.Cache).Id, out _));
    }

    [Theory]
    [InlineData(KeyState.Pending, true)]
    [InlineData(KeyState.VerifyOnly, true)]
    [InlineData(KeyState.Retired, false)]
    [InlineData(KeyState.Destroyed, false)]
    public void Only_live_keys_are_found(KeyState state, bool found)
    {
        var before = Keyrings.New();
        var old = before.Active(KeyPurpose.Cursor).Id;
        var keyring = Keyrings.Rotated(before, KeyPurpose.Cursor, state);
        Assert.Equal(found, keyring.TryFind(KeyPurpose.Cursor, old, out _));
        Assert.Equal(2, keyring.All(KeyPurpose.Cursor).Count);
        Assert.NotEqual(old, keyring.Active(KeyPurpose.Cursor).Id);
    }

    [Fact]
    public void The_id_depends_on_purpose_and_material_and_does_not_show_it()
    {
        byte[] material = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        var id = KeyId.Of(KeyPurpose.Audit, material);
        Assert.Equal(id, KeyId.Of(KeyPurpose.Audit, material));
        Assert.NotEqual(id, KeyId.Of(KeyPurpose.Cache, material));
        material[31] ^= 1;
        Assert.NotEqual(id, KeyId.Of(KeyPurpose.Audit, material));
        Assert.NotEqual(material[..16], id.ToArray());
    }

    /// <summary>Ids are stored beside ciphertexts for years: this value may never change.</summary>
    [Fact]
    public void The_id_of_a_known_key_is_frozen()
    {
        byte[] material = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        var expected = HKDF.Expand(
            HashAlgorithmName.SHA256,
            HMACSHA256.HashData(new byte[32], material),
            16,
            Encoding.ASCII.GetBytes("autom8/key-id/v1/FieldEncryption")
        );
        Assert.Equal(expected, KeyId.Of(KeyPurpose.FieldEncryption, material).ToArray());
    }

    [Fact]
    public void An_id_survives_its_text_form_and_no_other_text_names_it()
    {
        var id = Keyrings.New().Active(KeyPurpose.Audit).Id;
        var text = id.ToString();
        Assert.True(KeyId.TryParse(text, out var parsed));
        Assert.Equal(id, parsed);
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var loose = text[..21] + alphabet[alphabet.IndexOf(text[21], StringComparison.Ordinal) ^ 1]; // the same bytes, stray bits set
        foreach (var other in new[] { loose, text + "=", text[..21], " " + text[1..], "", text + "A" })
        {
            Assert.False(KeyId.TryParse(other, out _), other);
        }
    }

    [Fact]
    public void No_text_form_shows_material()
    {
        var keyring = Keyrings.New();
        foreach (var key in keyring.Keys)
        {
            var texts = new[] { key.ToString(), keyring.ToString(), key.Id.ToString() };
            foreach (var secret in new[] { Convert.ToBase64String(key.Material), Convert.ToHexString(key.Material) })
            {
                Assert.All(texts, text => Assert.DoesNotContain(secret[..16], text, StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [Fact]
    public void A_keyring_survives_its_file_form()
    {
        var keyring = Keyrings.Rotated(
            Keyrings.Rotated(Keyrings.New(), KeyPurpose.TokenSigning),
            KeyPurpose.BlindIndex,
            KeyState.Destroyed
        );
        var bytes = KeyringFormat.Write(keyring);
        var read = KeyringFormat.Read(bytes, "a test");
        Assert.Equal(keyring.Id, read.Id);
        Assert.Equal(
            keyring.Keys.Select(key => (key.Id, key.Purpose, key.State, key.CreatedAt, Convert.ToHexString(key.Material))),
            read.Keys.Select(key => (key.Id, key.Purpose, key.State, key.CreatedAt, Convert.ToHexString(key.Material)))
        );
        Assert.Equal(bytes, KeyringFormat.Write(read));
    }

    [Fact]
    public void A_keyring_file_cut_short_anywhere_is_refused()
    {
        var bytes = KeyringFormat.Write(Keyrings.New());
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Throws<KeyringException>(() => KeyringFormat.Read(cut, "a test"));
        }
    }

    [Fact]
    public void A_keyring_with_altered_material_is_refused_without_showing_it()
    {
        var keyring = Keyrings.New();
        var text = Encoding.UTF8.GetString(KeyringFormat.Write(keyring));
        var material = Convert.ToBase64String(keyring.Active(KeyPurpose.Audit).Material);
        var escaped = text.Contains(material, StringComparison.Ordinal)
            ? material
            : material.Replace("+", "\\u002B", StringComparison.Ordinal);
        var altered = text.Replace(escaped, Convert.ToBase64String(new byte[32]), StringComparison.Ordinal);
        Assert.NotEqual(text, altered);
        var refused = Assert.Throws<KeyringException>(() => KeyringFormat.Read(Encoding.UTF8.GetBytes(altered), "a test"));
        Assert.Contains("a test", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(new byte[32]), refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"format\": 2", "\"format\": 3")]
    [InlineData("\"format\": 2", "\"format\": 1")]
    [InlineData("\"revision\": 1", "\"revision\": -1")]
    [InlineData("\"Active\"", "\"active\"")]
    [InlineData("\"Audit\"", "\"Audits\"")]
    [InlineData("\"keys\"", "\"Keys\"")]
    [InlineData("\"Active\"", "\"VerifyOnly\"")]
    [InlineData("\"Active\"", "\"0\"")]
    public void A_keyring_of_another_shape_is_refused(string from, string to)
    {
        var text = Encoding.UTF8.GetString(KeyringFormat.Write(Keyrings.New()));
        var altered = text.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(text, altered);
        Assert.Throws<KeyringException>(() => KeyringFormat.Read(Encoding.UTF8.GetBytes(altered), "a test"));
    }
}
