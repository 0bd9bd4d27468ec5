using System.Runtime.InteropServices;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>A task that waits, and when its next occurrence is: beside the row's number, so that the heap need not look at rows to compare.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TaskTurn(int Row, long NextRun);

/// <summary>Tasks by the next occurrence.</summary>
internal readonly struct TaskOrder(TaskTable tasks) : IHeapOrder<TaskTurn>
{
    public bool IsBefore(TaskTurn item, TaskTurn other) => item.NextRun < other.NextRun;

    public int PlaceOf(TaskTurn item) => tasks[item.Row].HeapIndex;

    public void SetPlace(TaskTurn item, int place) => tasks[item.Row].HeapIndex = place;
}
