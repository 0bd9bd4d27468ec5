namespace Autom8.Contacts.Formats;

/// <summary>Bounds that keep a hostile or damaged file from taking memory: what exceeds them becomes a fault of that one record.</summary>
public sealed record ContactReadLimits
{
    /// <summary>1 MiB a record, 1 000 fields.</summary>
    public static ContactReadLimits Default { get; } = new();

    /// <summary>
    /// Bytes that one record may hold, 1 KiB to 16 MiB; default 1 MiB. Pictures, sounds and keys of a vCard are skipped as they stream by and do not count.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int RecordBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1 << 10);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1 << 24);
            field = value;
        }
    } = 1 << 20;

    /// <summary>Properties of a card, or cells of a row, 10 to 100 000; default 1 000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Fields
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 10);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100_000);
            field = value;
        }
    } = 1_000;
}
