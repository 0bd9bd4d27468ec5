using System.Security.Cryptography;
using Autom8.Caching.Diagnostics;
using Autom8.Caching.Distributed;
using Autom8.Caching.Engine;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Tags;
using Microsoft.Extensions.Logging;

namespace Autom8.Caching.Coherence;

/// <summary>
/// Keeps this node's memory true to what the others do, and knows how long ago it last was.
/// </summary>
/// <remarks>
/// <para>Every removal is carried out in the shared tier together with a message (<see cref="BusMessage"/>). Four times in <c>MaxStaleness</c> each node beats: it asks the tier whether it still is what it was
/// (see <see cref="ISharedCache.BeatAsync"/>), and its beat comes back to itself behind everything that was said before. That is the proof that memory was true when the beat was sent: it is trusted for
/// <c>MaxStaleness</c> from then (<see cref="Trust"/>). A process that was paused, or whose messages no longer come, runs out of trust by itself, and then confirms in the tier what it serves.</para>
/// <para>What went missing is noticed by numbers: a beat lists the sender's messages that have taken effect, and is numbered itself. Whenever something may have been missed (a gap, a lost connection, an open circuit, another epoch of the tier)
/// everything in memory becomes invalid once. No clock of another node takes part.</para>
/// </remarks>
internal sealed class NodeCoherence : ISharedCacheSubscriber, IDisposable
{
    private const int MaximumRecent = 10_000;

    private readonly DistributedTier _tier;
    private readonly TagRegistry _tags;
    private readonly CacheParts _parts;
    private readonly LocalClock _clock;
    private readonly TimeProvider _time;
    private readonly TimeSpan _maxStaleness;
    private readonly long _patience;
    private readonly SentMessages _sent = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Sender> _senders = [];
    private readonly Queue<(ulong Number, long SentAt)> _beats = new();
    private List<(ICacheEngine? Engine, string Name)> _recent = [];
    private readonly ulong _self;
    private readonly ITimer _timer;
    private IDisposable? _subscription;
    private TaskCompletionSource? _beating;
    private ulong _beat;
    private ulong _epoch;
    private long _interruptions = 1;
    private long _verified;
    private long _aloneUntil;
    private bool _missed;
    private bool _again;
    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _disposed;

    public NodeCoherence(CacheParts parts, DistributedTier tier, TagRegistry tags, TimeSpan maxStaleness)
    {
        _parts = parts;
        _tier = tier;
        _tags = tags;
        _clock = parts.Clock;
        _time = parts.Time;
        _maxStaleness = maxStaleness;
        _patience = (long)parts.Options.Distributed.Timeout.TotalMilliseconds;
        parts.Trust.Until = 0;
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        _self = BitConverter.ToUInt64(random) | 1;
        _timer = _time.CreateTimer(
            static node => _ = ((NodeCoherence)node!).BeatAsync(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    public bool IsTrusted => _clock.Now < _parts.Trust.Until;

    /// <summary>Whether the tier can be believed: it has been asked whether it still is what it was since the connection was last interrupted.</summary>
    public bool IsVerified => Volatile.Read(ref _verified) == Volatile.Read(ref _interruptions);

    /// <summary>Moves with every interruption: what was read before one is not believed after it.</summary>
    public long Interruptions => Volatile.Read(ref _interruptions);

    /// <summary>
    /// Whether memory may serve what it holds from before, though it is not trusted: the tier has just been asked and did not answer. A process that wakes from a pause knows nothing of that kind:
    /// what was under way when it stopped proves nothing, see <see cref="BeatOnceAsync"/>.
    /// </summary>
    public bool IsAlone => _clock.Now < Volatile.Read(ref _aloneUntil);

    public void Start()
    {
        var interval = _maxStaleness / 4;
        _subscription = _tier.Subscribe(this);
        _timer.Change(interval, interval);
        _ = BeatAsync();
    }

    public SaidMessage KeyMessage(ICacheEngine engine, string key)
    {
        var number = _sent.Next();
        return new(number, engine, key, _tier.SealMessage(BusMessage.Key(_self, number, engine.Region, key)));
    }

    public SaidMessage TagMessage(string tag, ulong version)
    {
        var number = _sent.Next();
        return new(number, null, tag, _tier.SealMessage(BusMessage.Tag(_self, number, tag, version)));
    }

    /// <summary>The operation that carried the message has taken effect.</summary>
    public void Acknowledged(SaidMessage said)
    {
        _sent.Acknowledged(said.Number);
        lock (_gate)
        {
            if (_recent.Count < MaximumRecent)
            {
                _recent.Add((said.Engine, said.Name));
            }
        }
    }

    /// <summary>Whether the tier can be believed, when that is being asked right now.</summary>
    public ValueTask<bool> IsVerifiedAsync()
    {
        if (IsVerified)
        {
            return new(true);
        }

        Task? beating;
        lock (_gate)
        {
            beating = _beating?.Task;
        }

        return IsVerified || beating is null ? new(IsVerified) : WaitAsync(beating);

        async ValueTask<bool> WaitAsync(Task beat)
        {
            // Bounded by the tier's deadline. A wait of its own for each, which ends with the node.
            await beat.WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return IsVerified;
        }
    }

    /// <summary>One beat; a call while one is under way asks for another after it.</summary>
    /// <returns>Whether the tier answered.</returns>
    public async Task<bool> BeatAsync()
    {
        if (_disposed)
        {
            return false;
        }

        TaskCompletionSource mine;
        lock (_gate)
        {
            if (_beating is not null)
            {
                _again = true;
                return false;
            }

            mine = _beating = new TaskCompletionSource(_parts.Work.Completion);
        }

        var answered = false;
        try
        {
            answered = await BeatOnceAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            CacheLog.MaintenanceFailed(_parts.Logger, exception.GetType().Name);
        }

        bool again;
        lock (_gate)
        {
            _beating = null;
            again = _again;
            _again = false;
        }

        mine.SetResult();
        if (again && (answered || !IsAlone))
        {
            _parts.Work.Run(static node => _ = ((NodeCoherence)node!).BeatAsync(), this);
        }

        return answered;
    }

    public void OnMessage(ReadOnlyMemory<byte> message)
    {
        if (_disposed || !_tier.TryOpenMessage(message, out var opened) || !BusMessage.TryRead(opened.Span, out var said))
        {
            return;
        }

        switch (said.Kind)
        {
            case BusMessageKind.Key when said.Sender != _self:
                _parts.Engine(said.Region)?.HeardRemoval(said.Name);
                break;
            case BusMessageKind.Tag:
                _tags.Heard(said.Name, said.Version, said.Sender == _self);
                break;
        }

        if (!Account(said))
        {
            Distrust();
        }
    }

    public void OnInterrupted()
    {
        if (_disposed)
        {
            return;
        }

        Interlocked.Increment(ref _interruptions);
        Missed();
        _ = BeatAsync();
    }

    /// <summary>Something may have been missed: as soon as the tier can be asked again, everything in memory is invalid once. Until then it is all there is.</summary>
    public void Missed()
    {
        lock (_gate)
        {
            _missed = true;
            _beats.Clear(); // what comes back now proves nothing
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _stopping.Cancel();
        _timer.Dispose();
        _subscription?.Dispose();
    }

    private async ValueTask<bool> BeatOnceAsync()
    {
        var interruptions = Interruptions;
        var started = _clock.Now;
        byte[] message;
        List<(ICacheEngine? Engine, string Name)> recent;
        lock (_gate)
        {
            // Invalidations acknowledged up to here are safe once this beat finds the tier unchanged.
            recent = _recent;
            _recent = [];
            _beats.Enqueue((++_beat, _clock.Now));
            message = BusMessage.Beat(_self, _beat, _sent.Drain());
        }

        var (answered, epoch, changed) = await _tags.BeatAsync(_tier.SealMessage(message)).ConfigureAwait(false);
        Answered(answered, started);
        if (!answered || interruptions != Interruptions)
        {
            KeepRecent(recent);
            return answered;
        }

        if (epoch != 0 && _epoch != 0 && epoch != _epoch && !_tags.IsMeant(epoch))
        {
            // A tier that has lost its memory may have lost these too, and others may have filled it meanwhile.
            Repeat(recent);
        }

        if (changed)
        {
            Distrust();
        }

        if (epoch != 0)
        {
            _epoch = epoch;
        }

        Volatile.Write(ref _verified, interruptions);
        return true;
    }

    private void Answered(bool answered, long started)
    {
        var now = _clock.Now;
        if (answered)
        {
            Volatile.Write(ref _aloneUntil, 0);
        }
        else if (now - started <= 2 * _patience)
        {
            Volatile.Write(ref _aloneUntil, now + (long)_maxStaleness.TotalMilliseconds);
        }
        else
        {
            // Far longer than its deadline: the process stood still, and the tier was not asked for all that time. It is now.
            lock (_gate)
            {
                _again = true;
            }
        }
    }

    private void KeepRecent(List<(ICacheEngine? Engine, string Name)> recent)
    {
        lock (_gate)
        {
            recent.AddRange(_recent.Take(Math.Max(0, MaximumRecent - recent.Count)));
            _recent = recent;
        }
    }

    private void Repeat(List<(ICacheEngine? Engine, string Name)> recent)
    {
        if (recent.Count >= MaximumRecent)
        {
            _tags.DistrustDistributedTier();
            return;
        }

        foreach (var (engine, name) in recent)
        {
            if (engine is null)
            {
                _tags.Repeat(name);
            }
            else
            {
                engine.Repeat(name);
            }
        }
    }

    /// <summary>Counts a message.</summary>
    /// <returns>Whether nothing is missing.</returns>
    private bool Account(BusMessage said)
    {
        lock (_gate)
        {
            var now = _clock.Now;
            if (!_senders.TryGetValue(said.Sender, out var sender))
            {
                _senders.Add(said.Sender, sender = new Sender());
            }

            sender.HeardAt = now;
            if (said.Kind != BusMessageKind.Beat)
            {
                return sender.Hear(said.Number);
            }

            var complete = sender.Beat(said.Number, said.Ranges);
            return said.Sender == _self ? Returned(said.Number, now, complete) : complete;
        }
    }

    /// <summary>This node's beat has come back: everything that was said before it has been heard.</summary>
    private bool Returned(ulong number, long now, bool complete)
    {
        long? sentAt = null;
        while (_beats.TryPeek(out var beat) && beat.Number <= number)
        {
            _beats.Dequeue();
            sentAt = beat.Number == number ? beat.SentAt : null;
        }

        foreach (var (id, sender) in _senders)
        {
            // Gone, or to be heard anew.
            if (now - sender.HeardAt > 10 * _maxStaleness.TotalMilliseconds)
            {
                _senders.Remove(id);
            }
        }

        if (sentAt is not { } sent)
        {
            return complete;
        }

        complete &= !_missed;
        _missed = false;
        _parts.Trust.Until = sent + (long)_maxStaleness.TotalMilliseconds;
        return complete;
    }

    private void Distrust()
    {
        _parts.Meter.Distrusted();
        _tags.Distrust();
        foreach (var engine in _parts.Engines)
        {
            engine.ClearMemory();
        }
    }
}

/// <summary>A message that was made for an operation, to be acknowledged when the operation has taken effect.</summary>
internal readonly record struct SaidMessage(ulong Number, ICacheEngine? Engine, string Name, ReadOnlyMemory<byte> Bytes);
