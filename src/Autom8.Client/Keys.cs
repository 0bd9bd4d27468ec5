namespace Autom8.Client;

/// <summary>Rows of a table that need a key.</summary>
/// <param name="Table">The table.</param>
/// <param name="Count">How many rows.</param>
public sealed record KeyRows(string Table, long Count);

/// <summary>A key of the service.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="State"><c>Pending</c>, <c>Active</c>, <c>VerifyOnly</c>, <c>Retired</c> or <c>Destroyed</c>.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ActivatesAt">When it became active, or is to.</param>
/// <param name="SupersededAt">When another took its place.</param>
/// <param name="Rows">How many rows of each table need it.</param>
public sealed record Key(
    string Id,
    string Purpose,
    string State,
    DateTimeOffset CreatedAt,
    DateTimeOffset ActivatesAt,
    DateTimeOffset? SupersededAt,
    IReadOnlyList<KeyRows> Rows
);

/// <summary>Rows that need a key which the service does not have.</summary>
/// <param name="Id">The key's id.</param>
/// <param name="Purpose">Its purpose.</param>
/// <param name="Table">The table.</param>
/// <param name="Count">How many rows.</param>
public sealed record LostKey(string Id, string Purpose, string Table, long Count);

/// <summary>The keys of the service, by purpose and age.</summary>
/// <param name="KeyringId">The keyring's id.</param>
/// <param name="Items">The keys.</param>
/// <param name="Lost">What rows need and the keyring does not have.</param>
public sealed record KeyList(string KeyringId, IReadOnlyList<Key> Items, IReadOnlyList<LostKey> Lost);

/// <summary>What came of a rotation.</summary>
/// <param name="Id">The new key's id.</param>
/// <param name="Purpose">Its purpose.</param>
/// <param name="State"><c>Active</c>, or <c>Pending</c> until every node has had the time to load it.</param>
/// <param name="ActivatesAt">When it became active, or about when it will.</param>
/// <param name="Created">False when a new key was on its way already.</param>
public sealed record KeyRotation(string Id, string Purpose, string State, DateTimeOffset ActivatesAt, bool Created);

/// <summary>Whether the service's keyring is as it should be.</summary>
/// <param name="Verified">True when nothing is wrong.</param>
/// <param name="Problems">What is wrong, a sentence each.</param>
public sealed record KeyVerdict(bool Verified, IReadOnlyList<string> Problems);
