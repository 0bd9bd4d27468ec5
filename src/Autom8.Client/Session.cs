namespace Autom8.Client;

/// <summary>A signed-in account's access token.</summary>
/// <param name="AccessToken">The token.</param>
/// <param name="ExpiresIn">Seconds until it expires.</param>
/// <param name="Roles">What the account may do.</param>
public sealed record Session(string AccessToken, long ExpiresIn, IReadOnlyList<string> Roles)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Session";
}
