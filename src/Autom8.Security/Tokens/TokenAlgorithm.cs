namespace Autom8.Security.Tokens;

/// <summary>
/// How a token key signs. The algorithm belongs to the key: what the header of a token says is only compared with it, and there is no member for a token without a signature.
/// </summary>
public enum TokenAlgorithm
{
    /// <summary>ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4): short signatures, a public key to validate with. The default.</summary>
    ES256,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3), 3072 bits: what the most validators know.</summary>
    RS256,

    /// <summary>Ed25519 (RFC 8037, section 3.1; RFC 8032).</summary>
    EdDSA,

    /// <summary>HMAC with SHA-256 (RFC 7518, section 3.2), 256 bits: the fastest. Whoever validates could also issue, so it is for one service alone and stands in no key set.</summary>
    HS256,
}
