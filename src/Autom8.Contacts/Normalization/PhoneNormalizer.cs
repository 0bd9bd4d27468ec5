using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using PhoneNumbers;

namespace Autom8.Contacts.Normalization;

/// <summary>Normalises by the numbering plans of libphonenumber.</summary>
/// <remarks>
/// A number is accepted when it is <em>possible</em>, that is of a length that its country and kind of number have; not only when it is <em>valid</em>, that
/// is in a range known to be in use: plans change monthly, and refusing a number that rings is worse than keeping one that does not.
/// </remarks>
public sealed class PhoneNormalizer : IPhoneNormalizer
{
    /// <summary>The longest text that is looked at, in characters.</summary>
    public const int MaxLength = 100;

    private static readonly Refusal Empty = new("phone-empty", "A phone number is empty; leave it out, or write it as +44 20 7946 0018.");
    private static readonly Refusal TextTooLong = new(
        "phone-text-too-long",
        "A phone number has more than 100 characters; write one number only."
    );
    private static readonly Refusal NotANumber = new(
        "phone-not-a-number",
        "A phone number holds something else; write one number in digits and punctuation, as +44 20 7946 0018."
    );
    private static readonly Refusal NoRegion = new(
        "phone-no-country",
        "A phone number has no country code that is known; begin with a plus sign and the country code, as +44 20 7946 0018."
    );
    private static readonly Refusal TooShort = new(
        "phone-too-short",
        "A phone number has too few digits for its country; write it in full, as +44 20 7946 0018."
    );
    private static readonly Refusal TooLong = new(
        "phone-too-long",
        "A phone number has too many digits for its country; write one number only."
    );
    private static readonly Refusal LocalOnly = new(
        "phone-local-only",
        "A phone number lacks its area code; write it in full, as +1 212 555 0142."
    );

    private readonly PhoneNumberUtil _plans = PhoneNumberUtil.GetInstance();
    private readonly string? _defaultRegion;

    /// <summary>Makes a normaliser.</summary>
    /// <param name="defaultRegion">
    /// The ISO 3166-1 alpha-2 code, such as <c>GB</c>, of the country in which numbers without a country code are read; without it such numbers are refused.
    /// </param>
    /// <exception cref="ArgumentException">The region is not one that has a numbering plan.</exception>
    public PhoneNormalizer(string? defaultRegion = null)
    {
        if (defaultRegion is not null && !IsRegion(defaultRegion))
        {
            throw new ArgumentException(
                $"'{defaultRegion}' is not a region with a numbering plan; give an ISO 3166-1 code of two capital letters, such as GB.",
                nameof(defaultRegion)
            );
        }
        _defaultRegion = defaultRegion;
    }

    /// <summary>Whether a region can be the default: for checks of settings.</summary>
    /// <param name="region">An ISO 3166-1 alpha-2 code in capital letters.</param>
    /// <returns>Whether it has a numbering plan.</returns>
    public static bool IsRegion(string region) => PhoneNumberUtil.GetInstance().GetSupportedRegions().Contains(region);

    /// <inheritdoc/>
    public bool TryNormalize(string text, [NotNullWhen(true)] out PhoneNumber? number, [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(text);
        number = null;
        // Longer than anything accepted, before any work is done on it.
        if (text.Length > MaxLength * 2)
        {
            refusal = TextTooLong;
            return false;
        }
        string raw = WithoutInvisible(text);
        refusal = raw.Length switch
        {
            0 => Empty,
            > MaxLength => TextTooLong,
            _ => LooksLikeNumber(raw) ? null : NotANumber,
        };
        if (refusal is not null)
        {
            return false;
        }
        try
        {
            PhoneNumbers.PhoneNumber parsed = _plans.Parse(raw, _defaultRegion);
            refusal = Judge(_plans.IsPossibleNumberWithReason(parsed));
            if (refusal is not null)
            {
                return false;
            }
            string? extension = parsed.HasExtension && parsed.Extension.Length > 0 ? parsed.Extension : null;
            number = new PhoneNumber(raw, _plans.Format(parsed, PhoneNumberFormat.E164), extension, _plans.IsValidNumber(parsed));
            return true;
        }
        catch (NumberParseException e)
        {
            refusal = e.ErrorType switch
            {
                ErrorType.INVALID_COUNTRY_CODE => NoRegion,
                ErrorType.TOO_SHORT_AFTER_IDD or ErrorType.TOO_SHORT_NSN => TooShort,
                ErrorType.TOO_LONG => TooLong,
                _ => NotANumber,
            };
            return false;
        }
    }

    private static Refusal? Judge(PhoneNumberUtil.ValidationResult verdict) =>
        verdict switch
        {
            PhoneNumberUtil.ValidationResult.IS_POSSIBLE => null,
            PhoneNumberUtil.ValidationResult.IS_POSSIBLE_LOCAL_ONLY => LocalOnly,
            PhoneNumberUtil.ValidationResult.INVALID_COUNTRY_CODE => NoRegion,
            PhoneNumberUtil.ValidationResult.TOO_LONG => TooLong,
            _ => TooShort,
        };

    /// <summary>libphonenumber looks for a number within a text; here the text must be one, or what else it says would be lost.</summary>
    private static bool LooksLikeNumber(string raw) =>
        raw.StartsWith("tel:", StringComparison.OrdinalIgnoreCase) || raw[0] is '+' or '＋' or '(' or '（' or '[' || char.IsDigit(raw[0]);

    /// <summary>Programs that show numbers from left to right put marks of direction around them, and these come along when pasted.</summary>
    private static string WithoutInvisible(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        bool clean = true;
        foreach (char c in trimmed)
        {
            clean &= char.GetUnicodeCategory(c) != UnicodeCategory.Format;
        }
        if (clean)
        {
            return trimmed.Length == text.Length ? text : trimmed.ToString();
        }
        StringBuilder kept = new(trimmed.Length);
        foreach (char c in trimmed)
        {
            if (char.GetUnicodeCategory(c) != UnicodeCategory.Format)
            {
                kept.Append(c);
            }
        }
        return kept.ToString().Trim();
    }
}
