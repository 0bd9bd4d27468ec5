using Autom8.Security.Keys;

namespace Autom8.AspNetCore;

/// <summary>A key of the keyring. Its material never leaves the service.</summary>
/// <param name="Id">Its id: the <c>kid</c> of tokens it signed.</param>
/// <param name="Purpose">What it is for, such as <c>TokenSigning</c>.</param>
/// <param name="State"><c>Pending</c>, <c>Active</c>, <c>VerifyOnly</c>, <c>Retired</c> or <c>Destroyed</c>.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ActivatesAt">When it became active, or is to.</param>
/// <param name="SupersededAt">When another took its place.</param>
/// <param name="Rows">How many rows of each table need it.</param>
public sealed record KeyResponse(
    string Id,
    string Purpose,
    string State,
    DateTimeOffset CreatedAt,
    DateTimeOffset ActivatesAt,
    DateTimeOffset? SupersededAt,
    IReadOnlyList<KeyRowsResponse> Rows
)
{
    internal static KeyResponse From(KeyStatus key) =>
        new(
            key.Key.ToString(),
            key.Purpose.ToString(),
            key.State.ToString(),
            key.CreatedAt,
            key.ActivatesAt,
            key.SupersededAt,
            [.. key.Uses.Select(use => new KeyRowsResponse(use.Table, use.Rows))]
        );
}

/// <summary>Rows of a table that need a key.</summary>
/// <param name="Table">The table.</param>
/// <param name="Count">How many rows.</param>
public sealed record KeyRowsResponse(string Table, long Count);

/// <summary>Rows that need a key which the keyring does not have.</summary>
/// <param name="Id">The key's id.</param>
/// <param name="Purpose">Its purpose.</param>
/// <param name="Table">The table.</param>
/// <param name="Count">How many rows.</param>
public sealed record LostKeyResponse(string Id, string Purpose, string Table, long Count);

/// <summary>The keys of the keyring, by purpose and age.</summary>
/// <param name="KeyringId">The keyring's id.</param>
/// <param name="Items">The keys.</param>
/// <param name="Lost">What rows need and the keyring does not have.</param>
public sealed record KeyListResponse(string KeyringId, IReadOnlyList<KeyResponse> Items, IReadOnlyList<LostKeyResponse> Lost)
{
    internal static KeyListResponse From(KeyringReport report) =>
        new(
            report.KeyringId,
            [.. report.Keys.Select(KeyResponse.From)],
            [.. report.Lost.Select(use => new LostKeyResponse(use.Key.ToString(), use.Purpose.ToString(), use.Table, use.Rows))]
        );
}

/// <summary>What came of a rotation.</summary>
/// <param name="Id">The new key's id.</param>
/// <param name="Purpose">Its purpose.</param>
/// <param name="State"><c>Active</c>, or <c>Pending</c> until every node has had the time to load it.</param>
/// <param name="ActivatesAt">When it became active, or about when it will.</param>
/// <param name="Created">False when a new key was on its way already.</param>
public sealed record KeyRotationResponse(string Id, string Purpose, string State, DateTimeOffset ActivatesAt, bool Created);

/// <summary>Whether the keyring is as it should be.</summary>
/// <param name="Verified">True when nothing is wrong.</param>
/// <param name="Problems">What is wrong, a sentence each.</param>
public sealed record KeyVerdictResponse(bool Verified, IReadOnlyList<string> Problems);
