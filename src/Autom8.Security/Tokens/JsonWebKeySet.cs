using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens;

/// <summary>The public half of the token keys, for others who validate our tokens: a JWK Set (RFC 7517, section 5).</summary>
public static class JsonWebKeySet
{
    /// <summary>
    /// Writes every live key, pending ones too: a validator must know a key before the first token is signed with it. Media type
    /// <c>application/jwk-set+json</c>.
    /// </summary>
    public static byte[] Write(Keyring keyring)
    {
        ArgumentNullException.ThrowIfNull(keyring);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys");
            foreach (var key in keyring.All(KeyPurpose.TokenSigning))
            {
                if (!key.IsLive)
                {
                    continue;
                }

                var point = Es256.PublicKey(key);
                json.WriteStartObject();
                json.WriteString("kty", "EC");
                json.WriteString("crv", "P-256");
                json.WriteString("x", Base64Url.EncodeToString(point.X));
                json.WriteString("y", Base64Url.EncodeToString(point.Y));
                json.WriteString("use", "sig");
                json.WriteString("alg", Es256.Algorithm);
                json.WriteString("kid", key.Id.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
