namespace Autom8.Security.Accounts;

/// <summary>What a key may do with its roles.</summary>
public static class ApiKeyScopes
{
    /// <summary>Ask.</summary>
    public const string Read = "read";

    /// <summary>Change.</summary>
    public const string Write = "write";

    /// <summary>Every scope there is.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Write];
}
