namespace Autom8.Scheduling.Storage.Memory;

/// <summary>A node's row, and what it has.</summary>
internal sealed class MemoryNode(long id, string name)
{
    public long Id { get; } = id;

    public string Name { get; } = name;

    public DateTimeOffset LeaseUntil { get; set; }

    public Dictionary<long, MemoryJob> Claimed { get; } = [];

    /// <summary>Claims that are void, and that it has not been told of yet.</summary>
    public List<long> Revoked { get; } = [];
}
