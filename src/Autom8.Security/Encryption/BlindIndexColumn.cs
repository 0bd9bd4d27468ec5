namespace Autom8.Security.Encryption;

/// <summary>What a blind index is an index of. Each column, and each kind of index on it, has a sub-key of its own.</summary>
public sealed record BlindIndexColumn
{
    /// <summary>Names a column.</summary>
    /// <param name="table">The table, not empty.</param>
    /// <param name="column">The column, not empty.</param>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public BlindIndexColumn(string table, string column)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        ArgumentException.ThrowIfNullOrEmpty(column);
        (Table, Column) = (table, column);
    }

    /// <summary>The table.</summary>
    public string Table { get; }

    /// <summary>The column.</summary>
    public string Column { get; }

    /// <summary>
    /// How many bits are kept, 8 to 128; default 128. With fewer, different values share an index value on purpose: a search finds more rows, which are decrypted to tell,
    /// and whoever reads the database cannot. <see cref="BlindIndexReport"/> says what a number of bits means for a table.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 8 to 128.</exception>
    public int Bits
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 8, nameof(value));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, BlindIndex.MaxBits, nameof(value));
            field = value;
        }
    } = BlindIndex.MaxBits;

    /// <summary>How many characters from the end are indexed, 1 to 64; null, the default, for the whole value. A value that is shorter is indexed whole.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 to 64.</exception>
    public int? LastCharacters
    {
        get;
        init
        {
            if (value is { } count)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(value));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 64, nameof(value));
            }

            field = value;
        }
    }

    /// <summary>How many bytes an index value has.</summary>
    public int Length => (Bits + 7) / 8;
}
