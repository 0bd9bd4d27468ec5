using StackExchange.Redis;

namespace Autom8.Redis.SharedCache;

/// <summary>What is behind the connection: one primary, or several that share the slots.</summary>
internal sealed class RedisTopology
{
    private const string Identity = "return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')";

    private readonly IConnectionMultiplexer _connection;
    private int _isCluster = -1;

    public RedisTopology(IConnectionMultiplexer connection) => _connection = connection;

    /// <summary>Whether keys are spread over slots.</summary>
    public bool IsCluster
    {
        get
        {
            var known = Volatile.Read(ref _isCluster);
            return known < 0 ? Look() : known != 0;
        }
    }

    /// <summary>To be looked at again.</summary>
    public void Forget() => Volatile.Write(ref _isCluster, -1);

    /// <summary>
    /// Who the tier is, on a cluster: every primary that has slots, by the identity that it was given when it was started. Empty where a single server can say so itself.
    /// </summary>
    public async ValueTask<string> IdentifyAsync(RedisKey key)
    {
        if (!IsCluster)
        {
            return "";
        }

        var nodes =
            _connection.GetServer(key).ClusterConfiguration?.Nodes.Where(node => !node.IsReplica && node.Slots.Count > 0).ToArray() ?? [];
        var identities = await Task.WhenAll(nodes.Select(node => IdentifyAsync(_connection.GetServer(node.EndPoint!))))
            .ConfigureAwait(false);
        if (identities.Length == 0)
        {
            throw new RedisException("The primaries of the cluster are not known.");
        }

        Array.Sort(identities, StringComparer.Ordinal);
        return string.Join(',', identities);
    }

    // Asked in a script: the driver takes INFO itself for an administrator's business.
    private static async Task<string> IdentifyAsync(IServer server) =>
        (string?)await server.ExecuteAsync("EVAL", Identity, 0).ConfigureAwait(false)
        ?? throw new RedisException("A primary of the cluster does not say who it is.");

    private bool Look()
    {
        var connected = _connection.GetServers().Where(server => server.IsConnected).ToArray();
        var isCluster = connected.Any(server => server.ServerType == ServerType.Cluster);

        // With nobody there, nothing is known yet.
        if (connected.Length > 0)
        {
            Volatile.Write(ref _isCluster, isCluster ? 1 : 0);
        }

        return isCluster;
    }
}
