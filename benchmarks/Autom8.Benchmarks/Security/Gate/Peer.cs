namespace Autom8.Benchmarks.Security.Gate;

/// <summary>How figures of the peers are called in the bounds and in the table.</summary>
internal static class Peer
{
    public const string JsonWebTokenHandler = "JsonWebTokenHandler";
    public const string JwtBearer = "JwtBearer";
    public const string RawVerification = "signature alone";
    public const string PartitionedRateLimiter = "PartitionedRateLimiter";
    public const string DataProtection = "Data Protection";
}
