using System.Text;
using StackExchange.Redis;

namespace Autom8.Redis.SharedCache;

/// <summary>
/// What a name is called in Redis: <c>{prefix}{k&lt;name&gt;}</c> and a letter for each thing that is kept of it. The braces are literal and make the hash tag, so all keys of a name lie in one slot of a cluster:
/// the tag ends at the first closing brace, which the keys of a name share, be it ours or one in the name. The k keeps the tag from being empty, which would make it none.
/// </summary>
internal sealed class RedisKeys(string prefix)
{
    private readonly byte[] _head = Encoding.UTF8.GetBytes(prefix + "{k");

    public RedisKey Value(string name) => Key(name, 'v');

    public RedisKey Lease(string name) => Key(name, 'l');

    public RedisKey Fences(string name) => Key(name, 'f');

    public RedisKey Position(string name) => Key(name, 'p');

    /// <summary>Where a beat keeps who the tier was.</summary>
    public RedisKey Identity(string name) => Key(name, 'i');

    /// <summary>The bytes that the value's key takes at most.</summary>
    public int MaximumLength(string name) => _head.Length + Encoding.UTF8.GetMaxByteCount(name.Length) + 2;

    /// <summary>Writes the value's key.</summary>
    /// <returns>The bytes written.</returns>
    public int WriteValue(string name, Span<byte> target) => Write(name, 'v', target);

    private RedisKey Key(string name, char what)
    {
        var key = new byte[_head.Length + Encoding.UTF8.GetByteCount(name) + 2];
        Write(name, what, key);
        return key;
    }

    private int Write(string name, char what, Span<byte> target)
    {
        _head.CopyTo(target);
        var length = _head.Length + Encoding.UTF8.GetBytes(name, target[_head.Length..]);
        target[length] = (byte)'}';
        target[length + 1] = (byte)what;
        return length + 2;
    }
}
