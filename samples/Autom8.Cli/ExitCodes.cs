namespace Autom8.Cli;

/// <summary>What the command tells a script.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>Nothing was done, or not all of it; standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>An import went through, but refused some records; standard error names their lines.</summary>
    public const int SomeRefused = 3;

    /// <summary>Interrupted: 128 and the number of SIGINT, as shells have it.</summary>
    public const int Cancelled = 130;
}
