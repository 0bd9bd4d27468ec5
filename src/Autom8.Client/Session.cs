using System.Text.Json.Serialization;

namespace Autom8.Client;

/// <summary>What a sign-in or a refresh is answered with.</summary>
/// <param name="AccessToken">The token that requests are sent with.</param>
/// <param name="ExpiresIn">Seconds until it expires, when it was issued.</param>
/// <param name="Roles">What the account may do.</param>
/// <param name="RefreshToken">Good for one use, for the next session; null when there is none.</param>
/// <param name="RefreshExpiresIn">Seconds until that expires, when it was issued.</param>
public sealed record Session(
    string AccessToken,
    long ExpiresIn,
    IReadOnlyList<string> Roles,
    string? RefreshToken = null,
    long RefreshExpiresIn = 0
)
{
    /// <summary>When the access token expires, by this machine's clock. The client sets it on arrival.</summary>
    [JsonIgnore]
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Session";
}
