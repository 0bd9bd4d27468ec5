namespace Autom8.Cli;

/// <summary>The command was called in a way that cannot work; the message says what would.</summary>
internal sealed class UsageException(string message) : Exception(message);
