using System.Runtime.CompilerServices;
using RESPite.Messages;
using StackExchange.Redis;

namespace Autom8.Redis.SharedCache;

/// <summary>The reads of one command, and what happens when its answer comes. Reused.</summary>
internal sealed class ReadBatch
{
    private readonly ReadCoalescer _owner;
    private readonly RedisKeys _layout;
    private readonly KeyBatch _keys;
    private readonly PendingRead[] _reads = new PendingRead[ReadCoalescer.MaximumKeys];
    private readonly Action _answered;
    private ConfiguredTaskAwaitable<RespResult>.ConfiguredTaskAwaiter _answer;
    private bool _isLast;

    public ReadBatch(ReadCoalescer owner, RedisKeys layout)
    {
        _owner = owner;
        _layout = layout;
        _keys = new(layout);
        _answered = Answered;
    }

    public int Count => _keys.Count;

    /// <summary>Takes over reads that somebody still waits for.</summary>
    /// <returns>Where to go on.</returns>
    public int Load(List<PendingRead> from, int index, int limit)
    {
        var count = 0;
        var length = 0;
        for (; index < from.Count && count < limit; index++)
        {
            if (!from[index].IsAbandoned)
            {
                _reads[count++] = from[index];
                length += _layout.MaximumLength(from[index].Name);
            }
        }

        _keys.Begin(count, length);
        foreach (var read in _reads.AsSpan(0, count))
        {
            _keys.Add(read.Name);
        }

        return index;
    }

    /// <param name="database">Whom to ask.</param>
    /// <param name="isLast">The next flight leaves when this has been answered.</param>
    /// <returns>Whether the answer is still to come: false when the command was refused at once.</returns>
    public bool Send(IDatabase database, bool isLast)
    {
        try
        {
            _answer = _keys.SendAsync(database).ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception error)
        {
            Fail(error, answered: 0);
            return false;
        }

        if (_answer.IsCompleted)
        {
            // Nothing is run inline: this is somebody's call.
            Finish(inline: false);
            return false;
        }

        _isLast = isLast;
        _answer.UnsafeOnCompleted(_answered);
        return true;
    }

    // On a thread of the pool that has nothing else to do.
    private void Answered() => Finish(inline: true);

    private void Finish(bool inline)
    {
        var next = inline && _isLast ? _owner : null;
        var done = 0;
        PendingRead last;
        ReadOnlyMemory<byte>? value;
        try
        {
            using var result = _answer.GetResult();
            var answer = result.Read();
            _owner.Learn(answer.ProtocolBytesRemaining, Count);
            if (Count == 1)
            {
                value = KeyBatch.Value(answer);
            }
            else
            {
                var values = answer.AggregateChildren();
                for (; done < Count - 1; done++)
                {
                    values.DemandNext();
                    _reads[done].Answer(KeyBatch.Value(values.Value), inline: false);
                }

                values.DemandNext();
                value = KeyBatch.Value(values.Value);
            }

            last = _reads[done];
        }
        catch (Exception error)
        {
            Fail(error, done);
            next?.Fly();
            return;
        }

        // When the others have been let go, so that what they ask next is already on board, and before the last one is, which runs here.
        next?.Fly();
        Array.Clear(_reads, 0, Count);
        _answer = default;
        _owner.TakeBack(this);
        last.Answer(value, inline);
    }

    // Not given back: the driver may still hold the buffers of what it could not send.
    private void Fail(Exception error, int answered)
    {
        foreach (var read in _reads.AsSpan(answered, Count - answered))
        {
            read.Fail(error);
        }
    }
}
