namespace Autom8.Scheduling.Alerts;

/// <summary>What became of a task's alert state.</summary>
/// <param name="State">The state from now on.</param>
/// <param name="Alerts">What people are to be told; almost always nothing.</param>
public readonly record struct AlertTransition(AlertState State, IReadOnlyList<SchedulerAlert> Alerts);
