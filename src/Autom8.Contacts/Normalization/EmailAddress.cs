namespace Autom8.Contacts.Normalization;

/// <summary>An e-mail address that <see cref="EmailNormalizer"/> has accepted: there is no other way to have one.</summary>
public sealed class EmailAddress : IEquatable<EmailAddress>
{
    internal EmailAddress(string raw, string localPart, string domain, string display, string indexKey)
    {
        Raw = raw;
        LocalPart = localPart;
        Domain = domain;
        Display = display;
        IndexKey = indexKey;
    }

    /// <summary>As written, without surrounding space.</summary>
    public string Raw { get; }

    /// <summary>What stands before the at sign, in NFC, its case kept: RFC 5321 leaves its meaning to the receiving host.</summary>
    public string LocalPart { get; }

    /// <summary>The domain in lower case, internationalised labels as A-labels (RFC 5890).</summary>
    public string Domain { get; }

    /// <summary>What mail is sent to: local part and ASCII domain.</summary>
    public string Address => $"{LocalPart}@{Domain}";

    /// <summary>What people are shown: local part and domain, internationalised labels in their own script.</summary>
    public string Display { get; }

    /// <summary>What the blind index is computed of: as <see cref="Address"/>, the local part case-folded, since hardly any host tells cases apart.</summary>
    public string IndexKey { get; }

    /// <summary>The same address, whatever the case of its letters.</summary>
    /// <param name="other">The other address.</param>
    /// <returns>Whether the index keys are the same.</returns>
    public bool Equals(EmailAddress? other) => other is not null && IndexKey == other.IndexKey;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EmailAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => IndexKey.GetHashCode(StringComparison.Ordinal);

    /// <summary>Says what this is, not what it holds: personal values never reach a log by accident.</summary>
    public override string ToString() => nameof(EmailAddress);
}
