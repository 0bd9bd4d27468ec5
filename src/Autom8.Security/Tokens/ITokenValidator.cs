namespace Autom8.Security.Tokens;

/// <summary>Validates access tokens that this service issued. Safe for concurrent use.</summary>
public interface ITokenValidator
{
    /// <summary>Validates a token. Never throws for what the token holds.</summary>
    /// <param name="token">The compact serialisation, without <c>Bearer</c>.</param>
    /// <param name="validated">What the token says; empty unless the result is <see cref="TokenStatus.Valid"/>.</param>
    /// <returns>Why it was refused: for counters and the audit trail. Tell a client no more than 401.</returns>
    TokenStatus Validate(ReadOnlySpan<char> token, out ValidatedToken validated);
}

/// <summary>The outcome of a validation.</summary>
public enum TokenStatus
{
    /// <summary>Everything was checked and is right.</summary>
    Valid,

    /// <summary>Longer than 8192 characters; nothing was looked at.</summary>
    TooLarge,

    /// <summary>Not three parts of canonical base64url, or a part that is not one strict JSON object.</summary>
    Malformed,

    /// <summary>The header asks for what is not supported: <c>crit</c>, <c>b64</c> or <c>zip</c> (RFC 7515, section 4.1.11).</summary>
    UnsupportedHeader,

    /// <summary>Not an access token: <c>typ</c> is not <c>at+jwt</c> (RFC 9068; RFC 8725, section 3.11).</summary>
    WrongType,

    /// <summary><c>alg</c> is not the algorithm that the key has.</summary>
    WrongAlgorithm,

    /// <summary>No live signing key has this <c>kid</c>.</summary>
    UnknownKey,

    /// <summary>The signature does not verify.</summary>
    BadSignature,

    /// <summary>A claim that must be there is missing, or a claim has the wrong type or form.</summary>
    InvalidClaim,

    /// <summary>Issued by someone else.</summary>
    WrongIssuer,

    /// <summary>For someone else.</summary>
    WrongAudience,

    /// <summary>Past its end.</summary>
    Expired,

    /// <summary>Before its beginning, or issued in the future.</summary>
    NotYetValid,
}
