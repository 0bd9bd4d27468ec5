using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Autom8.Contacts.Normalization;

/// <summary>Brings e-mail addresses into one form, so that the same address is found however it was written.</summary>
/// <remarks>
/// The syntax is that of a mailbox in RFC 5321, section 4.1.2, with the letters of RFC 6531: dot-separated atoms or a quoted string, at most 64 octets, before
/// the at sign; a domain name of at least two labels after it; 254 octets in all (RFC 3696, erratum 1690). Comments, display names and address literals
/// in brackets are refused. Thread-safe; never throws for what a person may have typed.
/// </remarks>
public static class EmailNormalizer
{
    /// <summary>Octets of the whole address in UTF-8, at most.</summary>
    public const int MaxOctets = 254;

    /// <summary>Octets of the local part in UTF-8, at most (RFC 5321, section 4.5.3.1.1).</summary>
    public const int MaxLocalOctets = 64;

    private static readonly SearchValues<char> AtomText = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"
    );

    // Not shared: IdnMapping's settings are mutable, but nobody sees this one.
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true, AllowUnassigned = false };

    private static readonly Refusal Empty = new(
        "email-empty",
        "An e-mail address is empty; leave it out, or write it as name@example.com."
    );
    private static readonly Refusal TooLong = new("email-too-long", "An e-mail address is longer than 254 octets.");
    private static readonly Refusal NoAt = new(
        "email-no-at",
        "An e-mail address has no at sign with text on both sides; write it as name@example.com."
    );
    private static readonly Refusal LocalTooLong = new(
        "email-local-too-long",
        "An e-mail address has more than 64 octets before the at sign."
    );
    private static readonly Refusal BadLocal = new(
        "email-bad-local",
        "An e-mail address has characters before the at sign that are not allowed there, or dots that do not stand between others."
    );
    private static readonly Refusal BadDomain = new(
        "email-bad-domain",
        "An e-mail address has no domain name after the at sign; write labels of letters, digits and hyphens with dots between them, as example.com."
    );

    /// <summary>Normalises an address, or says why it is none.</summary>
    /// <param name="text">As written.</param>
    /// <param name="address">The address, when the result is <see langword="true"/>.</param>
    /// <param name="refusal">The reason, when the result is <see langword="false"/>.</param>
    /// <returns>Whether it is an address.</returns>
    public static bool TryNormalize(string text, [NotNullWhen(true)] out EmailAddress? address, [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = null;
        string raw = text.Trim();
        if (raw.Length is 0 or > MaxOctets)
        {
            refusal = raw.Length == 0 ? Empty : TooLong;
            return false;
        }
        int at = raw.LastIndexOf('@');
        if (at <= 0 || at == raw.Length - 1)
        {
            refusal = NoAt;
            return false;
        }
        if (!TryReadLocal(raw.AsSpan(0, at), out string? local))
        {
            refusal = BadLocal;
            return false;
        }
        if (Encoding.UTF8.GetByteCount(local) > MaxLocalOctets)
        {
            refusal = LocalTooLong;
            return false;
        }
        if (!TryReadDomain(raw[(at + 1)..], out string? domain, out string? shown))
        {
            refusal = BadDomain;
            return false;
        }
        if (Encoding.UTF8.GetByteCount(local) + 1 + domain.Length > MaxOctets)
        {
            refusal = TooLong;
            return false;
        }
        refusal = null;
        address = new EmailAddress(raw, local, domain, $"{local}@{shown}", $"{Fold(local)}@{domain}");
        return true;
    }

    /// <summary>Upper case first: letters that have several lower cases, as the Greek sigma has, become one.</summary>
    private static string Fold(string local) => local.ToUpperInvariant().ToLowerInvariant().Normalize(NormalizationForm.FormC);

    private static bool TryReadLocal(ReadOnlySpan<char> written, [NotNullWhen(true)] out string? local)
    {
        local = null;
        if (!HasOnlyVisible(written))
        {
            return false;
        }
        if (written is ['"', .. var quoted, '"'])
        {
            return TryUnquote(quoted, out local);
        }
        string composed = written.ToString().Normalize(NormalizationForm.FormC);
        local = IsDotAtom(composed) ? composed : null;
        return local is not null;
    }

    /// <summary>RFC 5321, 4.1.2: quotes that are not needed are left out, and so are backslashes.</summary>
    private static bool TryUnquote(ReadOnlySpan<char> quoted, [NotNullWhen(true)] out string? local)
    {
        local = null;
        StringBuilder content = new(quoted.Length);
        for (int i = 0; i < quoted.Length; i++)
        {
            char c = quoted[i];
            if (c == '"' || (c == '\\' && ++i == quoted.Length))
            {
                return false;
            }
            content.Append(quoted[i]);
        }
        string plain = content.ToString().Normalize(NormalizationForm.FormC);
        if (plain.Length == 0)
        {
            return false;
        }
        local = IsDotAtom(plain)
            ? plain
            : $"\"{plain.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        return true;
    }

    private static bool IsDotAtom(ReadOnlySpan<char> text)
    {
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> atom = text[range];
            if (atom.IsEmpty)
            {
                return false;
            }
            foreach (char c in atom)
            {
                if (c == ' ' || (char.IsAscii(c) && !AtomText.Contains(c)))
                {
                    return false;
                }
            }
        }
        return true;
    }

    /// <summary>Letters, marks, digits, punctuation and symbols of any script, and the space, which only quotes may hold.</summary>
    private static bool HasOnlyVisible(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out Rune rune, out int length) != OperationStatus.Done)
            {
                return false;
            }
            bool hidden =
                Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.PrivateUse
                    or UnicodeCategory.OtherNotAssigned
                    or UnicodeCategory.SpaceSeparator;
            if (hidden && rune.Value != ' ')
            {
                return false;
            }
            text = text[length..];
        }
        return true;
    }

    private static bool TryReadDomain(string written, [NotNullWhen(true)] out string? domain, [NotNullWhen(true)] out string? shown)
    {
        domain = shown = null;
        if (!HasOnlyVisible(written) || written.Contains(' ', StringComparison.Ordinal))
        {
            return false;
        }
        try
        {
            // Needed also for ASCII: an A-label that decodes to nothing valid is refused.
            bool plain = Ascii.IsValid(written) && !written.Contains("xn--", StringComparison.OrdinalIgnoreCase);
            domain = plain ? written.ToLowerInvariant() : Idn.GetAscii(written.Normalize(NormalizationForm.FormC)).ToLowerInvariant();
            shown = plain ? domain : Idn.GetUnicode(domain);
        }
        catch (ArgumentException)
        {
            return false;
        }
        return IsHostName(domain);
    }

    /// <summary>RFC 1123, 2.1, and RFC 3696, 2: labels of letters, digits and inner hyphens; the last is not a number.</summary>
    private static bool IsHostName(ReadOnlySpan<char> domain)
    {
        if (domain.Length > 253)
        {
            return false;
        }
        int labels = 0;
        bool number = false;
        foreach (Range range in domain.Split('.'))
        {
            ReadOnlySpan<char> label = domain[range];
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }
            number = true;
            foreach (char c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                {
                    return false;
                }
                number &= char.IsAsciiDigit(c);
            }
            labels++;
        }
        return labels >= 2 && !number;
    }
}
