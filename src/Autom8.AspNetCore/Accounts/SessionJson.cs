namespace Autom8.AspNetCore;

/// <summary>A refresh token that is presented.</summary>
/// <param name="RefreshToken">The one that the last sign-in or refresh answered with.</param>
public sealed record RefreshRequest(string RefreshToken)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Refresh request";
}
