using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Autom8.Redis.Sealing;
using Autom8.Security.Keys;
using FsCheck.Xunit;

namespace Autom8.Redis.Tests;

public sealed class SealingTests
{
    private static readonly Keyring Keys = Keyring.Create(TimeProvider.System);
    private readonly KeyringPayloadProtector _protector = new(Keys);

    [Property]
    public void What_was_sealed_opens_under_the_same_key_and_schema(byte[] payload, byte[] bound)
    {
        Assert.Equal(payload, Open(_protector, Seal(payload, bound), bound));
    }

    [Property(MaxTest = 500)]
    public void A_changed_bit_anywhere_is_refused(byte[] payload, ushort at, byte bit)
    {
        var bytes = Seal(payload, [1, 2, 3]);
        bytes[at % bytes.Length] ^= (byte)(1 << (bit % 8));
        Assert.Null(Open(_protector, bytes, [1, 2, 3]));
    }

    [Property]
    public void A_cut_payload_is_refused(byte[] payload, ushort at)
    {
        var bytes = Seal(payload, []);
        Assert.Null(Open(_protector, bytes[..(at % bytes.Length)], []));
    }

    [Property]
    public void Junk_is_refused_and_never_an_exception(byte[] junk) => Assert.Null(Open(_protector, junk, []));

    [Fact]
    public void Another_key_or_schema_is_refused()
    {
        var bytes = Seal([1, 2, 3], "schema and key"u8.ToArray());
        Assert.Null(Open(_protector, bytes, "schema and kez"u8.ToArray()));
        Assert.Null(Open(_protector, bytes, []));
    }

    [Fact]
    public void Another_keyring_opens_nothing_and_names_everything_otherwise()
    {
        var stranger = new KeyringPayloadProtector(Keyring.Create(TimeProvider.System));
        Assert.Null(Open(stranger, Seal([1, 2, 3], []), []));
        Assert.NotEqual(_protector.ProtectKey("key"), stranger.ProtectKey("key"));
    }

    [Fact]
    public void No_two_sealed_payloads_are_alike()
    {
        var sealedOnes = Enumerable.Range(0, 100).Select(_ => Convert.ToHexString(Seal([1, 2, 3], []))).ToHashSet();
        Assert.Equal(100, sealedOnes.Count);
    }

    [Fact]
    public void A_name_is_the_hmac_of_the_key_under_a_key_of_its_own()
    {
        var derived = HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            Keys.Active(KeyPurpose.Cache).Material.ToArray(),
            32,
            info: "autom8/cache/name/v1"u8.ToArray()
        );
        var expected = Convert.ToBase64String(HMACSHA256.HashData(derived, Encoding.UTF8.GetBytes("contact:ä")));
        Assert.Equal(expected.TrimEnd('=').Replace('+', '-').Replace('/', '_'), _protector.ProtectKey("contact:ä"));
    }

    private byte[] Seal(byte[] payload, byte[] bound)
    {
        var writer = new ArrayBufferWriter<byte>();
        _protector.Protect(payload, bound, writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[]? Open(KeyringPayloadProtector protector, byte[] bytes, byte[] bound)
    {
        var writer = new ArrayBufferWriter<byte>();
        return protector.TryUnprotect(bytes, bound, writer) ? writer.WrittenSpan.ToArray() : null;
    }
}
