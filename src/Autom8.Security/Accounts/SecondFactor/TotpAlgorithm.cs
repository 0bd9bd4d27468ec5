namespace Autom8.Security.Accounts;

/// <summary>The hash of time-based one-time passwords (RFC 6238, section 1.2).</summary>
public enum TotpAlgorithm
{
    /// <summary>HMAC-SHA-1: the one that every authenticator app computes. HMAC needs no collision resistance, so nothing known about SHA-1 weakens it.</summary>
    Sha1,

    /// <summary>HMAC-SHA-256: not all apps heed it.</summary>
    Sha256,
}
