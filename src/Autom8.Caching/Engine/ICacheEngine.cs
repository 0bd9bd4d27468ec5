namespace Autom8.Caching.Engine;

/// <summary>What the parts that all engines share need of one, whatever its keys are.</summary>
internal interface ICacheEngine
{
    /// <summary>The region's name; empty for the plain cache.</summary>
    string Region { get; }

    /// <summary>Removals that the shared tier has not heard of yet.</summary>
    int PendingInvalidations { get; }

    /// <summary>Another node has removed or set the key, or is changing it.</summary>
    void HeardRemoval(string name);

    /// <summary>A removal that was acknowledged may have been lost by the tier: it is owed again.</summary>
    void Repeat(string name);

    void ClearMemory();

    /// <summary>Pays what is owed to the distributed tier, while it answers.</summary>
    /// <returns>Whether nothing is left.</returns>
    ValueTask<bool> RepayAsync();

    /// <summary>The tasks that write to the distributed tier right now.</summary>
    IEnumerable<Task> Calls { get; }

    /// <summary>Loads that run return to their callers and are not stored; memory is emptied.</summary>
    void Stop();
}
