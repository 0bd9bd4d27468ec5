namespace Autom8.Scheduling.Simulation;

/// <summary>What a <see cref="SchedulerSimulator"/> begins with.</summary>
public sealed class SimulationOptions
{
    /// <summary>When virtual time begins. Default 2026-01-01T00:00:00Z.</summary>
    public DateTimeOffset Start { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How many nodes there are, 1 to 100. Default 1.</summary>
    public int Nodes { get; set; } = 1;

    /// <summary>What is left to chance comes from here, the jitter of retries for one: the same seed, the same run. Default 1.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>How long, in real time, the jobs of one instant of virtual time may take. Default 30 seconds.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);
}
