namespace Autom8.Testing;

/// <summary>How a throw-away Redis server is set up.</summary>
public sealed record RedisServerOptions
{
    /// <summary>Further lines of redis.conf, the last one wins: <c>["maxmemory 10mb", "cluster-enabled yes"]</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
