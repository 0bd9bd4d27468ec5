namespace Autom8.Client;

/// <summary>An API key that is to be made.</summary>
/// <param name="Name">What it shall be called: 1 to 64 characters.</param>
public sealed record ApiKeyDraft(string Name)
{
    /// <summary>What it may do: one or more of the account's roles; all of them when null.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary><c>read</c>, <c>write</c> or both; only <c>read</c> when null.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>How long it is good for: 1 to 1826 days; without end when null.</summary>
    public int? ExpiresInDays { get; init; }

    /// <summary>True for an app password: for a device that asks for a name and a password.</summary>
    public bool AppPassword { get; init; }
}

/// <summary>An API key or app password, without its secret.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="AppPassword">Whether it is an app password.</param>
/// <param name="Roles">What it may at most.</param>
/// <param name="Scopes"><c>read</c>, <c>write</c> or both.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends, or null.</param>
/// <param name="LastUsedAt">When it was used last, to about a minute, or null.</param>
public sealed record ApiKey(
    Guid Id,
    string Name,
    bool AppPassword,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt
);

/// <summary>An API key that was made. This is the only time its secret is told.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">What a program sends; see <see cref="Autom8Client.UseApiKey"/>.</param>
public sealed record NewApiKey(ApiKey Key, string Secret)
{
    /// <summary>Names the key; never shows its secret.</summary>
    public override string ToString() => $"New key '{Key.Name}'";
}

internal sealed record ApiKeyList(IReadOnlyList<ApiKey> Items);
