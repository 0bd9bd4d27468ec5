using Autom8.Contacts.Formats;
using FsCheck;
using FsCheck.Fluent;

namespace Autom8.Contacts.Tests.Formats;

/// <summary>Arbitrary people, as the readers give them: trimmed, without control characters, with a name.</summary>
internal static class Generated
{
    private static readonly string[] Pieces =
    [
        "a",
        "B",
        "7",
        " ",
        ",",
        ";",
        ":",
        "\\",
        "\"",
        "'",
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\n",
        "\\n",
        "\\;",
        "::",
        "=\n",
        "=41",
        "{",
        "é",
        "ß",
        "Ё",
        "ليل",
        "星",
        "👩🏽‍🚀",
        "𠮷",
        "\u00A0",
        "\u2028",
        "BEGIN:VCARD",
        "\nEND:VCARD\n",
        "TEL:",
        "item1.",
        "xn--",
        "averylongwordthatmakeslinesfold",
    ];

    private static readonly string?[] Labels =
    [
        null,
        "home",
        "work",
        "mobile",
        "fax",
        "home fax",
        "work fax",
        "pager",
        "main",
        "other",
        "Boat house",
        "Ферма, у реки",
        "=cmd",
    ];

    private static Gen<string?> Text(int most) =>
        from pieces in Gen.Elements(Pieces).ArrayOf().Resize(most)
        let text = string.Concat(pieces).Trim()
        select text.Length == 0 ? null : text;

    private static Gen<string> Required(int most) => Text(most).Select(t => t ?? "x");

    private static Gen<LabelledValue> Value { get; } =
        from text in Required(8)
        // Neither a phone number nor an address: a URI is taken apart, and Google's separator separates.
        where !text.StartsWith("tel:", StringComparison.OrdinalIgnoreCase) && !text.Contains(":::", StringComparison.Ordinal)
        from label in Gen.Elements(Labels)
        from preferred in Gen.Elements(true, false)
        select new LabelledValue(text, label, preferred);

    public static Arbitrary<ContactRecord> Records { get; } =
        (
            from name in Required(30)
            from given in Text(6)
            from family in Text(6)
            from organization in Text(6)
            from title in Text(6)
            from note in Text(80)
            from uid in Gen.OneOf(Text(6), Gen.Constant<string?>("urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"))
            from phones in Value.ArrayOf().Resize(8)
            from emails in Value.ArrayOf().Resize(8)
            select new ContactRecord
            {
                FormattedName = name,
                GivenName = given,
                FamilyName = family,
                Organization = organization,
                Title = title,
                Note = note,
                Uid = uid,
                Phones = phones,
                Emails = emails,
            }
        ).ToArbitrary();

    /// <summary>Bytes with a liking for what the formats are made of.</summary>
    public static Arbitrary<byte[]> Bytes(string[] tokens) =>
        Gen.OneOf(
                Gen.Elements(tokens).Select(System.Text.Encoding.UTF8.GetBytes),
                Gen.Choose(0, 255).Select(b => new[] { (byte)b }),
                Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf()
            )
            .ArrayOf()
            .Select(parts => parts.SelectMany(p => p).ToArray())
            .ToArbitrary();
}
