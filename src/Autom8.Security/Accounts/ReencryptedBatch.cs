namespace Autom8.Security.Accounts;

/// <summary>What came of a batch.</summary>
/// <param name="Last">The account to go on after, or null when none was left.</param>
/// <param name="Rows">How many rows were encrypted anew.</param>
/// <param name="Unreadable">How many could not be read.</param>
internal readonly record struct ReencryptedBatch(Guid? Last, int Rows, int Unreadable);
