using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Keys;

/// <summary>HKDF-SHA-256 as ids and sub-keys use it, against RFC 5869: its vectors, and a second derivation straight from its text.</summary>
public sealed class HkdfTests
{
    /// <summary>RFC 5869, appendix A.1 to A.3.</summary>
    public static TheoryData<string, string, string, string, string> Vectors =>
        new()
        {
            {
                new string('b', 44).Replace("bb", "0b", StringComparison.Ordinal),
                "000102030405060708090a0b0c",
                "f0f1f2f3f4f5f6f7f8f9",
                "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
            },
            {
                Range(0x00, 0x4f),
                Range(0x60, 0xaf),
                Range(0xb0, 0xff),
                "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
            },
            {
                new string('b', 44).Replace("bb", "0b", StringComparison.Ordinal),
                "",
                "",
                "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
            },
        };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_vectors_of_RFC_5869(string material, string salt, string info, string extracted, string derived)
    {
        byte[] ikm = Convert.FromHexString(material),
            saltBytes = Convert.FromHexString(salt),
            infoBytes = Convert.FromHexString(info);
        byte[] prk = Convert.FromHexString(extracted),
            okm = Convert.FromHexString(derived);
        var output = new byte[okm.Length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, ikm, output, saltBytes, infoBytes);
        Assert.Equal(okm, output);
        Array.Clear(output);
        HKDF.Expand(HashAlgorithmName.SHA256, prk, output, infoBytes);
        Assert.Equal(okm, output);
        Assert.Equal(prk, Extract(saltBytes, ikm));
        Assert.Equal(okm, Expand(prk, infoBytes, okm.Length));
    }

    [Property]
    public void A_key_id_is_HKDF_of_the_material_under_the_purpose(NonEmptyArray<byte> material)
    {
        foreach (var purpose in Enum.GetValues<KeyPurpose>())
        {
            var info = Encoding.ASCII.GetBytes($"autom8/key-id/v1/{purpose}");
            Assert.Equal(Expand(Extract([], material.Get), info, KeyId.Length), KeyId.Of(purpose, material.Get).ToArray());
        }
    }

    // RFC 5869, section 2.2.
    private static byte[] Extract(byte[] salt, byte[] material) => HMACSHA256.HashData(salt.Length == 0 ? new byte[32] : salt, material);

    // RFC 5869, section 2.3.
    private static byte[] Expand(byte[] prk, byte[] info, int length)
    {
        var (output, block) = (new List<byte>(), Array.Empty<byte>());
        for (byte i = 1; output.Count < length; i++)
        {
            block = HMACSHA256.HashData(prk, (byte[])[.. block, .. info, i]);
            output.AddRange(block);
        }

        return [.. output[..length]];
    }

    private static string Range(int first, int last) =>
        Convert.ToHexString([.. Enumerable.Range(first, last - first + 1).Select(value => (byte)value)]);
}
