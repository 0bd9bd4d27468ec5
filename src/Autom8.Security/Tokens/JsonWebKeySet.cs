using System.Buffers;
using System.Text.Json;
using Autom8.Security.Keys;
using Autom8.Security.Tokens.Signatures;

namespace Autom8.Security.Tokens;

/// <summary>The public half of the token keys, for others who validate our tokens: a JWK Set (RFC 7517, section 5).</summary>
public static class JsonWebKeySet
{
    /// <summary>
    /// Writes every live key that has a public half, pending ones too: a validator must know a key before the first token is signed with it. A key of HS256 has none
    /// and is left out. Media type <c>application/jwk-set+json</c>.
    /// </summary>
    public static byte[] Write(Keyring keyring)
    {
        ArgumentNullException.ThrowIfNull(keyring);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys");
            foreach (var key in TokenKeys.Of(keyring).Live)
            {
                if (key.HasPublicKey)
                {
                    json.WriteStartObject();
                    key.WritePublicKey(json);
                    json.WriteString("use", "sig");
                    json.WriteString("alg", key.Algorithm);
                    json.WriteString("kid", key.Id.ToString());
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
