using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>How a value is written, and what kind of number or address it is: the parameters of a content line that matter here.</summary>
internal ref struct PropertyParameters
{
    public ValueEncoding Encoding { get; private set; }

    public ReadOnlySpan<byte> Charset { get; private set; }

    public LabelTypes Types { get; private set; }

    public static PropertyParameters Read(in ContentLine line)
    {
        PropertyParameters result = default;
        ContentLine.ParameterEnumerator parameters = line.GetParameters();
        while (parameters.MoveNext())
        {
            if (parameters.Name.IsEmpty)
            {
                if (!result.TryEncoding(parameters.Value))
                {
                    result.Types |= ValueLabel.ParseType(parameters.Value);
                }
            }
            else if (Ascii.EqualsIgnoreCase(parameters.Name, "TYPE"u8))
            {
                result.Types |= ValueLabel.ParseType(parameters.Value);
            }
            else if (Ascii.EqualsIgnoreCase(parameters.Name, "ENCODING"u8))
            {
                result.Encoding = result.TryEncoding(parameters.Value) ? result.Encoding : ValueEncoding.Unknown;
            }
            else if (Ascii.EqualsIgnoreCase(parameters.Name, "CHARSET"u8))
            {
                result.Charset = parameters.Value;
            }
            else if (Ascii.EqualsIgnoreCase(parameters.Name, "PREF"u8))
            {
                // RFC 6350, 5.3: 1 is the most preferred of 1 to 100.
                result.Types |= parameters.Value is [(byte)'1'] ? LabelTypes.Preferred : LabelTypes.None;
            }
        }
        return result;
    }

    private bool TryEncoding(ReadOnlySpan<byte> value)
    {
        ValueEncoding? encoding = value switch
        {
            _ when Ascii.EqualsIgnoreCase(value, "QUOTED-PRINTABLE"u8) => ValueEncoding.QuotedPrintable,
            _ when Ascii.EqualsIgnoreCase(value, "B"u8) || Ascii.EqualsIgnoreCase(value, "BASE64"u8) => ValueEncoding.Base64,
            _ when Ascii.EqualsIgnoreCase(value, "8BIT"u8) || Ascii.EqualsIgnoreCase(value, "7BIT"u8) => ValueEncoding.None,
            _ => null,
        };
        Encoding = encoding ?? Encoding;
        return encoding is not null;
    }
}

/// <summary>The transfer encoding of a value.</summary>
internal enum ValueEncoding
{
    None,
    QuotedPrintable,
    Base64,
    Unknown,
}
