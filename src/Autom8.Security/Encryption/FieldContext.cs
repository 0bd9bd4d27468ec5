namespace Autom8.Security.Encryption;

/// <summary>
/// The place a ciphertext belongs to. It is authenticated with the value, so that a ciphertext moved to another table, column, row or subject does not decrypt.
/// </summary>
/// <param name="Table">The table, not empty. A ciphertext outlives a rename of its table only under the old name.</param>
/// <param name="Column">The column, not empty.</param>
/// <param name="RowId">The row's id, not <see cref="Guid.Empty"/>; known before the row is written.</param>
/// <param name="Subject">Whose data it is: the value is then encrypted with the key of this subject (format 2) and can be read only until
/// <see cref="ISubjectKeys.ShredAsync(Guid, CancellationToken)"/> destroys that key. Table and column then have at most 64 characters. Null for data of nobody (format 1).</param>
public readonly record struct FieldContext(string Table, string Column, Guid RowId, Guid? Subject = null);
