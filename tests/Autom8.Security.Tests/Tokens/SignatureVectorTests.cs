using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Autom8.Security.Keys;
using Autom8.Security.Tokens.Signatures;

namespace Autom8.Security.Tests.Tokens;

/// <summary>The published vectors against the keys that sign: a signature that is not random is made again to the letter, and one that is off by a bit is refused.</summary>
public sealed class SignatureVectorTests
{
    /// <summary>The claims of RFC 7515, appendix A.1 to A.3, and of RFC 7519, section 3.1.</summary>
    private const string Joe = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    /// <summary>The payload of RFC 7520, section 4 (figure 8).</summary>
    private const string Frodo =
        "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIH"
        + "lvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";

    /// <summary>RFC 7515, appendix A.1: 64 bytes.</summary>
    private const string JoeSecret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    /// <summary>RFC 7520, section 3.5 (figure 5).</summary>
    private const string FrodoSecret = "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg";

    [Theory]
    [InlineData( // RFC 7515, appendix A.1, which is RFC 7519, section 3.1
        JoeSecret,
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + Joe,
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )]
    [InlineData( // RFC 7520, section 4.4, and the third signature of section 4.8
        FrodoSecret,
        "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9." + Frodo,
        "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0"
    )]
    [InlineData(FrodoSecret, "eyJhbGciOiJIUzI1NiJ9." + Frodo, "bWUSVaxorn7bEF1djytBd0kHv70Ly5pvbomzMWSOr20")] // RFC 7520, section 4.6
    [InlineData(FrodoSecret, "." + Frodo, "xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk")] // RFC 7520, section 4.7
    public void HS256(string secret, string input, string signature) =>
        AssertSigns(new HmacTokenKey(KeyOf(Decoded(secret))), input, signature);

    [Theory]
    [InlineData( // RFC 7515, appendix A.2
        JoeModulus,
        JoeExponent,
        JoePrime,
        "eyJhbGciOiJSUzI1NiJ9." + Joe,
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcA"
            + "cQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHW"
            + "EsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    )]
    [InlineData( // RFC 7520, section 4.1
        FrodoModulus,
        FrodoExponent,
        FrodoPrime,
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + Frodo,
        "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185h"
            + "X-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3x"
            + "yIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg"
    )]
    [InlineData( // RFC 7520, section 4.8, the first signature
        FrodoModulus,
        FrodoExponent,
        FrodoPrime,
        "eyJhbGciOiJSUzI1NiJ9." + Frodo,
        "MIsjqtVlOpa71KE-Mss8_Nq2YH4FGhiocsqrgi5NvyG53uoimic1tcMdSg-qptrzZc7CG6Svw2Y13TDIqHzTUrL_lR2ZFcryNFiHkSw129EghGpwkpxaTn"
            + "_THJTCglNbADko1MZBCdwzJxwqZc-1RlpO2HibUYyXSwO97BSe0_evZKdjvvKSgsIqjytKSeAMbhMBdMma622_BG5t4sdbuCHtFjp9iJmkio47AIwqkZV1"
            + "aIZsv33uPUqBBCXbYoQJwt7mxPftHmNlGoOSMxR_3thmXTCm4US-xiNOyhbm8afKK64jU6_TPtQHiJeQJxz9G3Tx-083B745_AfYOnlC9w"
    )]
    public void RS256(string modulus, string exponent, string prime, string input, string signature)
    {
        var key = TokenKey.Of(KeyOf(Rsa(modulus, exponent, prime)));
        Assert.Equal("RS256", key.Algorithm);
        AssertSigns(key, input, signature);
        Assert.Equal((modulus, "AQAB"), (PublicKey(key, "n"), PublicKey(key, "e")));
    }

    /// <summary>RFC 7515, appendix A.3.</summary>
    [Fact]
    public void ES256()
    {
        using var ecdsa = ECDsa.Create(
            new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                D = Decoded("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
                Q = new ECPoint
                {
                    X = Decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                    Y = Decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
                },
            }
        );
        var key = TokenKey.Of(KeyOf(ecdsa.ExportPkcs8PrivateKey()));
        Assert.Equal("ES256", key.Algorithm);
        const string signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        AssertVerifies(key, "eyJhbGciOiJFUzI1NiJ9." + Joe, Decoded(signature));
        Assert.Equal("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", PublicKey(key, "x"));
        Assert.Equal("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", PublicKey(key, "y"));
    }

    /// <summary>RFC 8037, appendix A.1 to A.5.</summary>
    [Fact]
    public void EdDSA()
    {
        byte[] pkcs8 =
        [
            .. Convert.FromHexString("302e020100300506032b657004220420"),
            .. Decoded("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"),
        ];
        var key = TokenKey.Of(KeyOf(pkcs8));
        Assert.Equal("EdDSA", key.Algorithm);
        AssertSigns(
            key,
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
        Assert.Equal("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", PublicKey(key, "x"));

        // The thumbprint (RFC 7638): the members that are the key, by their names.
        var members = $$"""{"crv":"{{PublicKey(key, "crv")}}","kty":"{{PublicKey(key, "kty")}}","x":"{{PublicKey(key, "x")}}"}""";
        Assert.Equal(
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(members)))
        );
    }

    private static void AssertSigns(TokenKey key, string input, string signature)
    {
        var signed = new byte[key.SignatureLength];
        key.Sign(Encoding.ASCII.GetBytes(input), signed);
        Assert.Equal(signature, Base64Url.EncodeToString(signed));
        AssertVerifies(key, input, signed);
    }

    private static void AssertVerifies(TokenKey key, string input, byte[] signature)
    {
        var bytes = Encoding.ASCII.GetBytes(input);
        Assert.True(key.Verify(bytes, signature));
        Assert.False(key.Verify([.. bytes, (byte)'A'], signature));
        foreach (var bit in new[] { 0, 1, signature.Length * 4, (signature.Length * 8) - 1 })
        {
            byte[] flipped = [.. signature];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.Verify(bytes, flipped));
        }
    }

    private static string PublicKey(TokenKey key, string member)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            key.WritePublicKey(writer);
            writer.WriteEndObject();
        }

        using var json = JsonDocument.Parse(stream.ToArray());
        return json.RootElement.GetProperty(member).GetString()!;
    }

    private static byte[] Rsa(string modulus, string exponent, string prime)
    {
        var (n, d, p) = (Number(modulus), Number(exponent), Number(prime));
        var q = n / p;
        using var rsa = RSA.Create(
            new RSAParameters
            {
                Modulus = Decoded(modulus),
                Exponent = [1, 0, 1],
                D = Decoded(exponent),
                P = Decoded(prime),
                Q = Bytes(q),
                DP = Bytes(d % (p - 1)),
                DQ = Bytes(d % (q - 1)),
                InverseQ = Bytes(BigInteger.ModPow(q, p - 2, p)),
            }
        );
        return rsa.ExportPkcs8PrivateKey();

        static BigInteger Number(string text) => new(Decoded(text), isUnsigned: true, isBigEndian: true);

        byte[] Bytes(BigInteger number)
        {
            var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
            return [.. new byte[Decoded(prime).Length - bytes.Length], .. bytes];
        }
    }

    private static KeyringKey KeyOf(byte[] material) =>
        KeyringKey.Create(KeyPurpose.TokenSigning, KeyState.Active, Keyrings.Start, material);

    private static byte[] Decoded(string text) => Base64Url.DecodeFromChars(text);

    private const string JoeModulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1"
        + "W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQ"
        + "Y4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

    private const string JoeExponent =
        "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0Bk"
        + "TGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6"
        + "XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ";

    private const string JoePrime =
        "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY"
        + "5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc";

    /// <summary>RFC 7520, section 3.4 (figure 4).</summary>
    private const string FrodoModulus =
        "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYO"
        + "YL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8"
        + "lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw";

    private const string FrodoExponent =
        "bWUC9B-EFRIo8kpGfh0ZuyGPvMNKvYWNtB_ikiH9k20eT-O1q_I78eiZkpXxXQ0UTEs2LsNRS-8uJbvQ-A1irkwMSMkK1J3XTGgdrhCku9gRldY7sNA_AK"
        + "ZGh-Q661_42rINLRCe8W-nZ34ui_qOfkLnK9QWDDqpaIsA-bMwWWSDFu2MUBYwkHTMEzLYGqOe04noqeq1hExBTHBOBdkMXiuFhUq1BU6l-DqEiWxqg82s"
        + "Xt2h-LMnT3046AOYJoRioz75tSUQfGCshWTBnP5uDjd18kKhyv07lhfSJdrPdM5Plyl21hsFf4L_mHCuoFau7gdsPfHPxxjVOcOpBrQzwQ";

    private const string FrodoPrime =
        "3Slxg_DwTXJcb6095RoXygQCAZ5RnAvZlno1yhHtnUex_fp7AZ_9nRaO7HX_-SFfGQeutao2TDjDAWU4Vupk8rw9JR0AzZ0N2fvuIAmr_WCsmGpeNqQnev"
        + "1T7IyEsnh8UMt-n5CafhkikzhEsrmndH6LxOrvRJlsPp6Zv8bUq0k";
}
