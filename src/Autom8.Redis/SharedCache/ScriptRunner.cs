using StackExchange.Redis;

namespace Autom8.Redis.SharedCache;

/// <summary>Runs scripts: with their text until a server has answered, from then on by their hash.</summary>
/// <remarks>
/// The operations of one name take effect in the order of the calls. Redis sees to it for what is sent once; but a script that a server has forgotten (it was restarted or told to) must be sent again,
/// and if another operation of the name has been sent since, it would be overtaken by its predecessor: a removal by the set before it. Such a script is not sent again; it fails, and has not been run.
/// That is rare: whenever a connection comes or goes, texts are sent again, and these cannot be unknown.
/// </remarks>
internal sealed class ScriptRunner
{
    private readonly Turn[] _turns = new Turn[128];
    private int _known;

    public ScriptRunner()
    {
        for (var index = 0; index < _turns.Length; index++)
        {
            _turns[index] = new();
        }
    }

    /// <summary>Another server may answer from now on, or one that has been restarted.</summary>
    public void ForgetKnown() => Volatile.Write(ref _known, 0);

    public async Task<RedisResult> RunAsync(IDatabase database, RedisScript script, string name, RedisKey[] keys, RedisValue[] values)
    {
        var known = 1 << script.Number;
        var turn = _turns[(uint)StringComparer.Ordinal.GetHashCode(name) % (uint)_turns.Length];
        Task<RedisResult> running;
        bool hashed;
        long number;
        lock (turn)
        {
            number = ++turn.Number;
            hashed = (Volatile.Read(ref _known) & known) != 0;
            running = hashed ? database.ScriptEvaluateAsync(script.Hash, keys, values) : SendTextAsync();
        }

        try
        {
            var answer = await running.ConfigureAwait(false);
            if (!hashed)
            {
                Interlocked.Or(ref _known, known);
            }

            return answer;
        }
        catch (RedisServerException unknown) when (hashed && unknown.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            Interlocked.And(ref _known, ~known);
            lock (turn)
            {
                if (turn.Number != number)
                {
                    throw;
                }

                running = SendTextAsync();
            }
        }

        var late = await running.ConfigureAwait(false);
        Interlocked.Or(ref _known, known);
        return late;

        Task<RedisResult> SendTextAsync() => database.ScriptEvaluateAsync(script.Text, keys, values, CommandFlags.NoScriptCache);
    }

    /// <summary>The calls of all names that share it; also the lock under which they are sent.</summary>
    private sealed class Turn
    {
        public long Number { get; set; }
    }
}
