using System.Text;
using Autom8.Caching.Distributed;

namespace Autom8.Testing.Caching;

/// <summary>
/// What every <see cref="ISharedCache"/> promises. Each engine derives a class and runs it with two connections to one server, which no other test empties or restarts meanwhile.
/// </summary>
/// <remarks>What must still be in force is given a minute, what must end is given <see cref="Short"/>: with real time no test waits for more than that.</remarks>
public abstract partial class SharedCacheContract
{
    protected static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);
    protected static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    protected static readonly CancellationToken None = CancellationToken.None;

    private readonly Guid _mark = Guid.NewGuid();
    private int _names;

    /// <summary>The connection of one node.</summary>
    protected abstract ISharedCache First { get; }

    /// <summary>The connection of another node to the same server.</summary>
    protected abstract ISharedCache Second { get; }

    /// <summary>Restarts the server without its data, and returns when both connections can be used again.</summary>
    protected abstract ValueTask RestartEmptyAsync();

    /// <summary>Removes all that the server holds, as an operator would.</summary>
    protected abstract ValueTask FlushAsync();

    /// <summary>Returns when so much time has passed for the server.</summary>
    protected abstract ValueTask PassAsync(TimeSpan time);

    [Fact]
    public async Task What_one_node_sets_the_other_gets()
    {
        var name = Name();

        Assert.Null(await Second.GetAsync(name, None));
        Assert.True(await First.SetAsync(name, Bytes("one"), Long, Message("")));
        Assert.Equal("one", await TextAsync(Second, name));
        Assert.True(await Second.SetAsync(name, Bytes("two"), null, Message("")));
        Assert.Equal("two", await TextAsync(First, name));
    }

    [Fact]
    public async Task What_was_removed_is_missing_for_every_node()
    {
        var name = Name();
        await First.SetAsync(name, Bytes("x"), Long, Message(""));

        await Second.RemoveAsync(name, Message(""));
        await Second.RemoveAsync(name, Message(""));

        Assert.Null(await First.GetAsync(name, None));
        Assert.Null(await Second.GetAsync(name, None));
    }

    [Fact]
    public async Task A_value_ends_with_its_lifetime_and_without_one_it_stays()
    {
        string[] ending = [Name(), Name(), Name(), Name()];
        string[] staying = [Name(), Name(), Name(), Name()];
        await First.SetAsync(ending[0], Bytes("set"), Short, Message(""));
        await First.SetAsync(ending[1], Bytes("tiny"), TimeSpan.FromTicks(1), Message(""));
        await First.GetOrAddAsync(ending[2], Bytes("added"), Short);
        await FilledAsync(ending[3], "filled", Short);
        await First.SetAsync(staying[0], Bytes("set"), null, Message(""));
        await First.SetAsync(staying[1], Bytes("for ever"), TimeSpan.MaxValue, Message(""));
        await First.GetOrAddAsync(staying[2], Bytes("added"), null);
        await FilledAsync(staying[3], "filled", null);

        await PassAsync(Short);

        Assert.Equal([null, null, null, null], await TextsAsync(First, ending));
        Assert.Equal(["set", "for ever", "added", "filled"], await TextsAsync(First, staying));
    }

    [Fact]
    public async Task A_set_brings_its_own_lifetime()
    {
        string[] names = [Name(), Name()];
        await First.SetAsync(names[0], Bytes("short"), Short, Message(""));
        await First.SetAsync(names[0], Bytes("stays"), null, Message(""));
        await First.SetAsync(names[1], Bytes("long"), null, Message(""));
        await First.SetAsync(names[1], Bytes("ends"), Short, Message(""));

        await PassAsync(Short);

        Assert.Equal(["stays", null], await TextsAsync(First, names));
    }

    [Fact]
    public async Task Many_are_read_in_the_order_asked_with_gaps_and_repetitions()
    {
        string[] names = [Name(), Name(), Name(), Name()];
        await First.SetAsync(names[0], Bytes("0"), Long, Message(""));
        await First.SetAsync(names[2], Bytes("2"), Long, Message(""));

        Assert.Equal(["2", null, "0", "2", null], await TextsAsync(Second, [names[2], names[1], names[0], names[2], names[3]]));
        Assert.Empty(await Second.GetManyAsync([], None));
    }

    [Fact]
    public async Task Hundreds_are_read_at_once()
    {
        var names = Enumerable.Range(0, 500).Select(_ => Name()).ToArray();
        for (var i = 0; i < names.Length; i += 2)
        {
            await First.SetAsync(names[i], Bytes($"{i}"), Long, Message(""));
        }

        Assert.Equal(names.Select((_, i) => i % 2 == 0 ? $"{i}" : null), await TextsAsync(Second, names));
    }

    [Fact]
    public async Task The_first_to_add_wins()
    {
        var name = Name();

        Assert.Equal("a", Text(await First.GetOrAddAsync(name, Bytes("a"), Long)));
        Assert.Equal("a", Text(await Second.GetOrAddAsync(name, Bytes("b"), Long)));
        await First.RemoveAsync(name, Message(""));
        Assert.Equal("c", Text(await Second.GetOrAddAsync(name, Bytes("c"), Long)));
    }

    [Fact]
    public async Task Of_many_who_add_at_once_one_wins_for_all()
    {
        for (var round = 0; round < 10; round++)
        {
            var name = Name();

            var seen = await AtOnceAsync(16, async (cache, i) => Text(await cache.GetOrAddAsync(name, Bytes($"{i}"), Long)));

            Assert.Single(seen.Distinct());
            Assert.Equal(seen[0], await TextAsync(First, name));
        }
    }

    [Fact]
    public async Task The_operations_of_a_node_on_one_name_take_effect_in_the_order_of_the_calls()
    {
        var name = Name();
        var sent = new List<Task>();
        for (var i = 0; i <= 100; i++)
        {
            sent.Add(First.SetAsync(name, Bytes($"{i}"), Long, Message("")).AsTask());
            sent.Add(i < 100 ? First.RemoveAsync(name, Message("")).AsTask() : First.GetAsync(name, None).AsTask());
        }

        await Task.WhenAll(sent);

        Assert.Equal("100", Text((await (Task<ReadOnlyMemory<byte>?>)sent[^1])!.Value));
        Assert.Equal("100", await TextAsync(Second, name));
    }

    [Fact]
    public async Task Any_bytes_come_back_as_they_were()
    {
        var payload = new byte[100_000];
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] = (byte)(i * 7 + i / 256);
        }

        byte[][] payloads = [payload, [.. Enumerable.Range(0, 256).Select(i => (byte)i)], [0], [13, 10], [0xFF, 0xFE, 0xC3, 0x28]];
        foreach (var expected in payloads)
        {
            var (set, added, filled) = (Name(), Name(), Name());
            await First.SetAsync(set, expected, Long, Message(""));
            Assert.Equal(expected, (await First.GetOrAddAsync(added, expected, Long)).ToArray());
            await First.LeaseAsync(filled, 1, Long, SharedLeaseMode.Miss, None);
            Assert.True(await First.FillAsync(filled, 1, expected, Long));

            Assert.Equal(expected, (await Second.GetAsync(set, None))!.Value.ToArray());
            Assert.Equal(expected, (await Second.GetOrAddAsync(added, Bytes("other"), Long)).ToArray());
            Assert.Equal(expected, (await Second.LeaseAsync(filled, 2, Long, SharedLeaseMode.Miss, None)).Payload.ToArray());
            Assert.All(await Second.GetManyAsync([set, added, filled], None), found => Assert.Equal(expected, found!.Value.ToArray()));
        }
    }

    [Fact]
    public async Task An_empty_value_is_not_a_missing_one()
    {
        var (set, added, filled, missing) = (Name(), Name(), Name(), Name());
        Assert.True(await First.SetAsync(set, default, Long, Message("")));
        Assert.Equal(0, (await First.GetOrAddAsync(added, default, Long)).Length);
        await First.LeaseAsync(filled, 1, Long, SharedLeaseMode.Miss, None);
        Assert.True(await First.FillAsync(filled, 1, default, Long));

        Assert.Equal(0, (await Second.GetAsync(set, None))!.Value.Length);
        Assert.Equal(["", "", "", null], await TextsAsync(Second, [set, added, filled, missing]));
        Assert.Equal(0, (await Second.GetOrAddAsync(added, Bytes("other"), Long)).Length);
        Assert.Equal(SharedLeaseStatus.Filled, (await Second.LeaseAsync(filled, 2, Long, SharedLeaseMode.Miss, None)).Status);
    }

    [Fact]
    public async Task The_buffer_of_a_payload_is_the_callers_again_when_the_call_is_done()
    {
        var (set, added, filled) = (Name(), Name(), Name());
        var buffer = Bytes("kept");
        await First.LeaseAsync(filled, 1, Long, SharedLeaseMode.Miss, None);

        await First.SetAsync(set, buffer, Long, Message(""));
        await First.GetOrAddAsync(added, buffer, Long);
        await First.FillAsync(filled, 1, buffer, Long);
        Array.Clear(buffer);

        Assert.Equal(["kept", "kept", "kept"], await TextsAsync(First, [set, added, filled]));
    }

    [Fact]
    public async Task Names_are_opaque_and_distinct()
    {
        var unique = Name();
        string[] texts =
        [
            "",
            " ",
            "{",
            "{}",
            "{a}",
            "{a}b",
            "a{b}{c}",
            "}{",
            "a b",
            "a",
            "A",
            "*",
            "?",
            "a:b",
            "a:b:",
            "\\",
            "\"'",
            "\r\n",
            "\0",
            "ключ",
            "山田",
            "😀",
            "Am\u00E9lie",
            "Ame\u0301lie",
            new string('x', 1024),
            new string('x', 1025),
            new string('é', 512),
            new string('y', 4096 - unique.Length),
        ];
        var before = texts.Select(text => text + unique).ToArray();
        var after = texts.Where(text => text.Length > 0).Select(text => unique + text).ToArray();
        string[] names = [.. before, .. after];
        for (var i = 0; i < names.Length; i++)
        {
            await First.SetAsync(names[i], Bytes($"{i}"), Long, Message(""));
        }

        Assert.Equal(names.Select((_, i) => $"{i}"), await TextsAsync(Second, names));
        for (var i = 0; i < names.Length; i++)
        {
            Assert.Equal($"{i}", await TextAsync(Second, names[i]));
            await Second.RemoveAsync(names[i], Message(""), new SharedFence((ulong)i + 1, Long));
            Assert.Equal(SharedLeaseStatus.Fenced, (await First.LeaseAsync(names[i], 1, Long, SharedLeaseMode.Miss, None)).Status);
            await Second.RemoveAsync(names[i], Message(""), new SharedFence((ulong)i + 1, TimeSpan.Zero, (ulong)i + 1));
            AssertLease(SharedLeaseStatus.Granted, (ulong)i + 1, await First.LeaseAsync(names[i], 1, Long, SharedLeaseMode.Miss, None));
            Assert.True(await First.FillAsync(names[i], 1, Bytes($"filled {i}"), Long));
        }

        Assert.Equal(names.Select((_, i) => $"filled {i}"), await TextsAsync(First, names));
    }

    protected string Name() => $"{_mark:N}-{Interlocked.Increment(ref _names)}";

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    protected static async Task<string?> TextAsync(ISharedCache cache, string name) =>
        await cache.GetAsync(name, None) is { } found ? Text(found) : null;

    protected static async Task<IEnumerable<string?>> TextsAsync(ISharedCache cache, string[] names) =>
        Array.ConvertAll(await cache.GetManyAsync(names, None), found => found is { } there ? Text(there) : null);

    /// <summary>A message that the listeners of this test hear.</summary>
    protected byte[] Message(string text) => SharedCacheListener.Mark(_mark, Bytes(text));

    protected Task<SharedCacheListener> ListenAsync(ISharedCache cache) => SharedCacheListener.SubscribeAsync(cache, _mark);

    private async Task FilledAsync(string name, string text, TimeSpan? lifetime)
    {
        await First.LeaseAsync(name, 1, Long, SharedLeaseMode.Miss, None);
        Assert.True(await First.FillAsync(name, 1, Bytes(text), lifetime));
    }

    /// <summary>Calls from many threads over both connections.</summary>
    private Task<T[]> AtOnceAsync<T>(int callers, Func<ISharedCache, int, Task<T>> call) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(() => call(i % 2 == 0 ? First : Second, i))));
}
