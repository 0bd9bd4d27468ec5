namespace Autom8.Security.Encryption;

/// <summary>
/// The place a ciphertext belongs to. It is authenticated with the value, so that a ciphertext moved to another table, column or row does not decrypt.
/// </summary>
/// <param name="Table">The table, not empty. A ciphertext outlives a rename of its table only under the old name.</param>
/// <param name="Column">The column, not empty.</param>
/// <param name="RowId">The row's id, not <see cref="Guid.Empty"/>; known before the row is written.</param>
public readonly record struct FieldContext(string Table, string Column, Guid RowId);
