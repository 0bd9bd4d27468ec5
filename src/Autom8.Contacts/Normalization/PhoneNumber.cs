namespace Autom8.Contacts.Normalization;

/// <summary>A phone number that an <see cref="IPhoneNormalizer"/> has accepted: there is no other way to have one.</summary>
public sealed class PhoneNumber : IEquatable<PhoneNumber>
{
    internal PhoneNumber(string raw, string e164, string? extension, bool isValid)
    {
        Raw = raw;
        E164 = e164;
        Extension = extension;
        IsValid = isValid;
    }

    /// <summary>As written, without surrounding space and invisible characters.</summary>
    public string Raw { get; }

    /// <summary>In the form of ITU-T E.164: a plus sign and at most 15 digits, without the extension.</summary>
    public string E164 { get; }

    /// <summary>The extension to dial after the number, in digits, or <see langword="null"/>.</summary>
    public string? Extension { get; }

    /// <summary>Whether the number lies in a range that is in use. False does not mean wrong: ranges open every month, and some numbers reserved for fiction lie in none.</summary>
    public bool IsValid { get; }

    /// <summary>What the blind index is computed of: <see cref="E164"/>, so that a search for a switchboard finds all of its extensions.</summary>
    public string IndexKey => E164;

    /// <summary>The same number, however written.</summary>
    /// <param name="other">The other number.</param>
    /// <returns>Whether number and extension are the same.</returns>
    public bool Equals(PhoneNumber? other) => other is not null && E164 == other.E164 && Extension == other.Extension;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PhoneNumber);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(E164, Extension);

    /// <summary>Says what this is, not what it holds: personal values never reach a log by accident.</summary>
    public override string ToString() => nameof(PhoneNumber);
}
