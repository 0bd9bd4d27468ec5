using System.Buffers;

namespace Autom8.Contacts.Normalization;

/// <summary>What a display name turned out to be.</summary>
public enum DisplayNameKind
{
    /// <summary>A name: may be kept in plain text and searched.</summary>
    Name,

    /// <summary>An e-mail address, or a text with one in it: to be encrypted as an address is.</summary>
    EmailAddress,

    /// <summary>A phone number, or a text with one in it: to be encrypted as a number is.</summary>
    PhoneNumber,
}

/// <summary>The finding of <see cref="DisplayNameRule"/>.</summary>
/// <param name="Kind">What the name is.</param>
/// <param name="Email">The address, for <see cref="DisplayNameKind.EmailAddress"/>.</param>
/// <param name="Phone">The number, for <see cref="DisplayNameKind.PhoneNumber"/>; <see langword="null"/> when its country is not known.</param>
public readonly record struct DisplayNameFinding(DisplayNameKind Kind, EmailAddress? Email = null, PhoneNumber? Phone = null)
{
    /// <summary>Whether the name must not be stored in plain text.</summary>
    public bool MustBeEncrypted => Kind != DisplayNameKind.Name;
}

/// <summary>Finds e-mail addresses and phone numbers where a name should be: programs put them there for want of a name, and names are stored in plain text.</summary>
/// <remarks>Errs towards encrypting: a name taken for a number is only harder to search, the other way round something personal is readable. Thread-safe.</remarks>
/// <param name="phones">Decides what is a phone number.</param>
public sealed class DisplayNameRule(IPhoneNormalizer phones)
{
    // The shortest subscriber numbers with their area code; years and house numbers are shorter.
    private const int FewestDigits = 7;

    private static readonly SearchValues<char> BetweenWords = SearchValues.Create(" \t\r\n\u00A0<>()[]\",;|");

    /// <summary>Looks at a name.</summary>
    /// <param name="name">The display name.</param>
    /// <returns>What it is.</returns>
    public DisplayNameFinding Inspect(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Contains('@', StringComparison.Ordinal) && FindEmail(name) is { } email)
        {
            return new DisplayNameFinding(DisplayNameKind.EmailAddress, email);
        }
        if (phones.TryNormalize(name, out PhoneNumber? number, out _))
        {
            return new DisplayNameFinding(DisplayNameKind.PhoneNumber, Phone: number);
        }
        return FindPhone(name.AsSpan().Trim());
    }

    private static EmailAddress? FindEmail(string name)
    {
        if (EmailNormalizer.TryNormalize(name, out EmailAddress? whole, out _))
        {
            return whole;
        }
        foreach (Range range in name.AsSpan().SplitAny(BetweenWords))
        {
            ReadOnlySpan<char> word = name.AsSpan(range);
            if (word.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            {
                word = word[7..];
            }
            if (word.Contains('@') && EmailNormalizer.TryNormalize(word.Trim(".:'").ToString(), out EmailAddress? email, out _))
            {
                return email;
            }
        }
        return null;
    }

    private DisplayNameFinding FindPhone(ReadOnlySpan<char> name)
    {
        int position = 0;
        while (position < name.Length)
        {
            int start = position;
            int digits = 0;
            while (position < name.Length && IsDialled(name[position]))
            {
                digits += char.IsDigit(name[position++]) ? 1 : 0;
            }
            if (digits >= FewestDigits)
            {
                // Digits alone are a number even if its country is not known; within a text they may be anything else.
                string run = name[start..position].Trim(" \u00A0-./").ToString();
                if (phones.TryNormalize(run, out PhoneNumber? number, out _) || position - start == name.Length)
                {
                    return new DisplayNameFinding(DisplayNameKind.PhoneNumber, Phone: number);
                }
            }
            position += position == start ? 1 : 0;
        }
        return new DisplayNameFinding(DisplayNameKind.Name);
    }

    private static bool IsDialled(char c) => char.IsDigit(c) || c is '+' or '-' or '.' or '/' or '(' or ')' or ' ' or '\u00A0';
}
