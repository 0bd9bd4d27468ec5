namespace Autom8.Caching.Testing;

/// <summary>All names of a server, and the writes that a fail-over may still lose. Its server guards it.</summary>
internal sealed class SharedNames(TimeProvider time)
{
    /// <summary>So many writes can be undone.</summary>
    public const int MaximumLoss = 1024;

    private readonly double _timestampsPerTick = time.TimestampFrequency / (double)TimeSpan.TicksPerSecond;
    private Dictionary<string, NameState> _states = [];
    private Undo[] _undo = [];
    private int _undoNext;
    private int _undoCount;

    /// <summary>What a beat recognises a server by.</summary>
    public int Identity { get; private set; } = 1;

    public IEnumerable<string> Filled => _states.Keys.Where(name => this[name].Payload is not null);

    /// <summary>The state of a name now. Writing to it is one write operation, unless nothing changes.</summary>
    public NameState this[string name]
    {
        get
        {
            if (!_states.TryGetValue(name, out var state))
            {
                return NameState.Nothing;
            }

            return state.HasEnd ? state.At(time.GetTimestamp()) : state;
        }
        set
        {
            _states.TryGetValue(name, out var before);
            if (value.IsNothing)
            {
                if (before is null)
                {
                    return;
                }

                _states.Remove(name);
            }
            else if (ReferenceEquals(value, before))
            {
                return;
            }
            else
            {
                _states[name] = value;
            }

            Record(new Undo(name, before, null));
        }
    }

    /// <summary>When something that is given this lifetime now will end.</summary>
    public long End(TimeSpan? lifetime)
    {
        if (lifetime is not { } given)
        {
            return long.MaxValue;
        }

        var now = time.GetTimestamp();
        var length = given.Ticks * _timestampsPerTick;
        return length >= long.MaxValue - now ? long.MaxValue : now + Math.Max(1, (long)length);
    }

    public void Clear()
    {
        if (_states.Count > 0)
        {
            Record(new Undo(null, null, _states));
            _states = [];
        }
    }

    public void Restart(bool keepData)
    {
        Identity++;
        (_undo, _undoNext, _undoCount) = ([], 0, 0);
        if (!keepData)
        {
            _states = [];
        }
    }

    public void FailOver(int lostOperations)
    {
        Identity++;
        for (var left = Math.Min(lostOperations, _undoCount); left > 0; left--)
        {
            _undoNext = (_undoNext + _undo.Length - 1) % _undo.Length;
            _undoCount--;
            var (name, before, all) = _undo[_undoNext];
            _undo[_undoNext] = default;
            if (name is null)
            {
                _states = all!;
            }
            else if (before is null)
            {
                _states.Remove(name);
            }
            else
            {
                _states[name] = before;
            }
        }
    }

    private void Record(Undo undo)
    {
        if (_undoCount == _undo.Length && _undoCount < MaximumLoss)
        {
            // The ring does not turn before it is of full size: what it holds now begins at 0.
            Array.Resize(ref _undo, Math.Clamp(_undo.Length * 2, 16, MaximumLoss));
            _undoNext = _undoCount;
        }

        _undo[_undoNext] = undo;
        _undoNext = (_undoNext + 1) % _undo.Length;
        _undoCount = Math.Min(_undoCount + 1, _undo.Length);
    }

    private readonly record struct Undo(string? Name, NameState? Before, Dictionary<string, NameState>? All);
}
