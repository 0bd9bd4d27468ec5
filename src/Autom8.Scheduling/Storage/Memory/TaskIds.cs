namespace Autom8.Scheduling.Storage.Memory;

/// <summary>Finds tasks by their id in a set, which keeps no copy of it.</summary>
internal sealed class TaskIds : IEqualityComparer<MemoryTask>, IAlternateEqualityComparer<Guid, MemoryTask>
{
    public bool Equals(MemoryTask? x, MemoryTask? y) => x?.Id == y?.Id;

    public int GetHashCode(MemoryTask obj) => obj.Id.GetHashCode();

    public bool Equals(Guid alternate, MemoryTask other) => alternate == other.Id;

    public int GetHashCode(Guid alternate) => alternate.GetHashCode();

    public MemoryTask Create(Guid alternate) => throw new NotSupportedException();
}
