namespace Autom8.Testing;

/// <summary>A throw-away server did not come up; the message holds what it printed.</summary>
public sealed class ServerStartException(string server, string output) : Exception($"{server} did not start:\n{output}")
{
    /// <summary>Somebody else listens on the port: another one may do.</summary>
    internal bool PortIsTaken { get; } = output.Contains("Address already in use", StringComparison.OrdinalIgnoreCase);
}
