using StackExchange.Redis;

namespace Autom8.Redis.SharedCache;

/// <summary>What hangs on one connection: how reads and scripts go out on it.</summary>
internal sealed class RedisLine : IDisposable
{
    private readonly IConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly RedisKeys _keys;
    private readonly ReadCoalescer _reads;
    private readonly ScriptRunner _scripts = new();
    private KeyBatch? _spare;

    public RedisLine(IConnectionMultiplexer connection, RedisKeys keys)
    {
        _connection = connection;
        _database = connection.GetDatabase();
        _keys = keys;
        _reads = new(_database, keys);
        Topology = new(connection);
        connection.ConnectionFailed += Changed;
        connection.ConnectionRestored += Changed;
        connection.ConfigurationChanged += Changed;
    }

    public RedisTopology Topology { get; }

    // On a cluster a command asks one slot of 16,384: reads of different names would next to never share one, and the driver already sends what is called at once back to back.
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken) =>
        Topology.IsCluster ? GetAloneAsync(name, cancellationToken) : _reads.ReadAsync(name, cancellationToken);

    public async ValueTask<ReadOnlyMemory<byte>?[]> GetManyAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return [];
        }

        if (Topology.IsCluster)
        {
            return await GetBySlotAsync(names).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        // Its buffers are the driver's until the answer has come, however long somebody waits for that.
        var batch = Interlocked.Exchange(ref _spare, null) ?? new KeyBatch(_keys);
        batch.Load(names);
        var values = await batch.ReadAsync(_database).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (names.Count <= ReadCoalescer.MaximumKeys)
        {
            Volatile.Write(ref _spare, batch); // the buffers of an unusually large question are not kept
        }

        return values;
    }

    public Task<RedisResult> RunAsync(RedisScript script, string name, RedisKey[] keys, RedisValue[] values) =>
        _scripts.RunAsync(_database, script, name, keys, values);

    public void Dispose()
    {
        _connection.ConnectionFailed -= Changed;
        _connection.ConnectionRestored -= Changed;
        _connection.ConfigurationChanged -= Changed;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> GetAloneAsync(string name, CancellationToken cancellationToken) =>
        Value(
            await _database.StringGetAsync(_keys.Value(name), CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false)
        );

    private async Task<ReadOnlyMemory<byte>?[]> GetBySlotAsync(IReadOnlyList<string> names)
    {
        var slots = new Dictionary<int, List<int>>();
        var keys = new RedisKey[names.Count];
        for (var index = 0; index < keys.Length; index++)
        {
            keys[index] = _keys.Value(names[index]);
            var slot = _connection.HashSlot(keys[index]);
            if (!slots.TryGetValue(slot, out var places))
            {
                slots.Add(slot, places = []);
            }

            places.Add(index);
        }

        var values = new ReadOnlyMemory<byte>?[keys.Length];
        await Task.WhenAll(slots.Values.Select(GetSlotAsync)).ConfigureAwait(false);
        return values;

        async Task GetSlotAsync(List<int> places)
        {
            var found = await _database
                .StringGetAsync([.. places.Select(place => keys[place])], CommandFlags.DemandMaster)
                .ConfigureAwait(false);
            for (var index = 0; index < found.Length; index++)
            {
                values[places[index]] = Value(found[index]);
            }
        }
    }

    private static ReadOnlyMemory<byte>? Value(RedisValue value) =>
        value.IsNull ? default(ReadOnlyMemory<byte>?) : (ReadOnlyMemory<byte>)value;

    private void Changed(object? sender, EventArgs change)
    {
        _scripts.ForgetKnown();
        Topology.Forget();
    }
}
