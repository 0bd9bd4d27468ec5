using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>What many tasks have in common: a definition without name and payload.</summary>
internal sealed class SharedDefinition(TaskDefinition value)
{
    public TaskDefinition Value { get; } = value;

    public int Uses { get; set; }
}
