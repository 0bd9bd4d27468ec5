namespace Autom8.Scheduling.Simulation;

/// <summary>The simulation cannot go on; the message says what it waits for.</summary>
public sealed class SimulationException : Exception
{
    internal SimulationException(string message)
        : base(message) { }
}
