namespace Autom8.Caching.Loads;

/// <summary>A queue of one: whoever enters waits for those before. Fair, and nothing runs but what is waited for.</summary>
internal sealed class Turns(WorkQueue work)
{
    private readonly Lock _gate = new();
    private Task? _last;

    /// <summary>Whether nobody is in.</summary>
    public bool IsFree
    {
        get
        {
            lock (_gate)
            {
                return _last is null;
            }
        }
    }

    public ValueTask<Turn> EnterAsync()
    {
        Task? before;
        var mine = new TaskCompletionSource(work.Completion);
        lock (_gate)
        {
            before = _last;
            _last = mine.Task;
        }

        return before is null ? new(new Turn(this, mine)) : WaitAsync(before, mine);
    }

    private async ValueTask<Turn> WaitAsync(Task before, TaskCompletionSource mine)
    {
        await before.ConfigureAwait(false);
        return new Turn(this, mine);
    }

    private void Leave(TaskCompletionSource mine)
    {
        lock (_gate)
        {
            if (_last == mine.Task)
            {
                _last = null;
            }
        }

        mine.SetResult();
    }

    internal readonly struct Turn(Turns turns, TaskCompletionSource mine) : IDisposable
    {
        public void Dispose() => turns.Leave(mine);
    }
}
