using Autom8.Caching.Loads;

namespace Autom8.Caching.Tests.Histories;

/// <summary>All that a node does beside its callers, run when the script says so; and whoever waits goes on inside the completion, on the script's thread.</summary>
internal sealed class ScriptedWork : WorkQueue
{
    private readonly List<(Action<object?> Work, object? State)> _pending = [];

    public override TaskCreationOptions Completion => TaskCreationOptions.None;

    public int Pending => _pending.Count;

    public override void Run(Action<object?> work, object? state) => _pending.Add((work, state));

    public bool RunOne(int index)
    {
        if (_pending.Count == 0)
        {
            return false;
        }

        var (work, state) = _pending[index % _pending.Count];
        _pending.RemoveAt(index % _pending.Count);
        work(state);
        return true;
    }
}
