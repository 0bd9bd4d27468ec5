using RESPite.Messages;
using StackExchange.Redis;

namespace Autom8.Redis.SharedCache;

/// <summary>The names of one GET or MGET. Its buffers are used again, after the answer has come: whatever the driver does with them until then.</summary>
internal sealed class KeyBatch(RedisKeys keys)
{
    private byte[] _bytes = [];
    private RedisKeyOrValue[] _arguments = new RedisKeyOrValue[4];
    private int _written;

    public int Count { get; private set; }

    /// <summary>Empties it and makes room.</summary>
    /// <param name="count">How many names will be added at most.</param>
    /// <param name="length">What their keys take at most together.</param>
    public void Begin(int count, int length)
    {
        Count = 0;
        _written = 0;
        if (_arguments.Length < count)
        {
            _arguments = new RedisKeyOrValue[Math.Max(count, _arguments.Length * 2)];
        }

        if (_bytes.Length < length)
        {
            _bytes = new byte[Math.Max(length, _bytes.Length * 2)];
        }
    }

    public void Add(string name)
    {
        var length = keys.WriteValue(name, _bytes.AsSpan(_written));

        // As a value: a key would have to be an array of its own, and is needed only where there are slots.
        _arguments[Count++] = (RedisValue)_bytes.AsMemory(_written, length);
        _written += length;
    }

    /// <summary>Holds exactly these names.</summary>
    public void Load(IReadOnlyList<string> names)
    {
        var length = 0;
        for (var index = 0; index < names.Count; index++)
        {
            length += keys.MaximumLength(names[index]);
        }

        Begin(names.Count, length);
        for (var index = 0; index < names.Count; index++)
        {
            Add(names[index]);
        }
    }

    /// <summary>The values, in the order of the names.</summary>
    public async Task<ReadOnlyMemory<byte>?[]> ReadAsync(IDatabase database)
    {
        using var result = await SendAsync(database).ConfigureAwait(false);
        return Values(result.Read());
    }

    private ReadOnlyMemory<byte>?[] Values(RespReader answer)
    {
        var found = new ReadOnlyMemory<byte>?[Count];
        if (Count == 1)
        {
            found[0] = Value(answer);
            return found;
        }

        var values = answer.AggregateChildren();
        for (var index = 0; index < found.Length; index++)
        {
            values.DemandNext();
            found[index] = Value(values.Value);
        }

        return found;
    }

    // Not "null": that would be converted to an array, and the array to empty memory.
    public static ReadOnlyMemory<byte>? Value(in RespReader reader) =>
        reader.ReadByteArray() is { } bytes ? new ReadOnlyMemory<byte>(bytes) : default(ReadOnlyMemory<byte>?);

    // From the primary only: a replica may not have heard of a removal yet.
    public Task<RespResult> SendAsync(IDatabase database) =>
        database.ExecuteRespAsync(Count == 1 ? "GET" : "MGET", _arguments.AsMemory(0, Count), CommandFlags.DemandMaster);
}
