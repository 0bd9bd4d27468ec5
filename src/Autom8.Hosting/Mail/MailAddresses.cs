using System.Diagnostics.CodeAnalysis;
using MimeKit;

namespace Autom8.Hosting;

/// <summary>Reads addresses from settings: one mailbox with a domain, and no character that could end a header's line.</summary>
internal static class MailAddresses
{
    public static bool TryParse(string? text, [NotNullWhen(true)] out MailboxAddress? address)
    {
        address = null;
        return text is { Length: >= 3 and <= 320 }
            && !text.Any(char.IsControl)
            && MailboxAddress.TryParse(text, out address)
            && address.Address.IndexOf('@', StringComparison.Ordinal) is > 0 and var at
            && at < address.Address.Length - 1;
    }

    /// <summary>An address that has passed <see cref="TryParse"/>.</summary>
    public static MailboxAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new ArgumentException("It is not an e-mail address.", nameof(text));
}
