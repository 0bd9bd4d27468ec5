using System.Security.Cryptography;
using System.Text;

namespace Autom8.Redis.SharedCache;

/// <summary>A script, read once from the assembly.</summary>
internal sealed class RedisScript
{
    public static readonly RedisScript Lease = new("lease.lua", 0);
    public static readonly RedisScript Fill = new("fill.lua", 1);
    public static readonly RedisScript Release = new("release.lua", 2);
    public static readonly RedisScript Set = new("set.lua", 3);
    public static readonly RedisScript GetOrAdd = new("get-or-add.lua", 4);
    public static readonly RedisScript Remove = new("remove.lua", 5);
    public static readonly RedisScript Beat = new("beat.lua", 6);

    private RedisScript(string file, int number)
    {
        Text = Read("fenced.lua") + Read(file);
#pragma warning disable CA5350 // Redis names a script by this hash; nothing rests on its strength.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
        Number = number;
    }

    public string Text { get; }

    public byte[] Hash { get; }

    /// <summary>Its place among the scripts, below 32.</summary>
    public int Number { get; }

    private static string Read(string file)
    {
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
