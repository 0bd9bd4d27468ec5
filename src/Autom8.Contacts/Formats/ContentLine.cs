using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>An unfolded line of a vCard, <c>[group.]name *(;parameter) : value</c> (RFC 6350, section 3.3), as spans of it.</summary>
internal readonly ref struct ContentLine
{
    private ContentLine(ReadOnlySpan<byte> group, ReadOnlySpan<byte> name, ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> value)
    {
        Group = group;
        Name = name;
        Parameters = parameters;
        Value = value;
    }

    public ReadOnlySpan<byte> Group { get; }

    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The parameters without their leading semicolon.</summary>
    public ReadOnlySpan<byte> Parameters { get; }

    public ReadOnlySpan<byte> Value { get; }

    public static bool TryParse(ReadOnlySpan<byte> line, out ContentLine content)
    {
        content = default;
        int nameEnd = line.IndexOfAny((byte)':', (byte)';');
        if (nameEnd <= 0)
        {
            return false;
        }
        ReadOnlySpan<byte> name = line[..nameEnd].Trim((byte)' ');
        ReadOnlySpan<byte> group = default;
        if (name.IndexOf((byte)'.') is >= 0 and var dot)
        {
            group = name[..dot];
            name = name[(dot + 1)..];
        }
        if (!IsName(name))
        {
            return false;
        }
        int colon = nameEnd;
        if (line[nameEnd] == ';')
        {
            int length = FindUnquoted(line[nameEnd..], (byte)':');
            if (length < 0)
            {
                return false;
            }
            colon = nameEnd + length;
        }
        content = new ContentLine(group, name, colon > nameEnd ? line[(nameEnd + 1)..colon] : default, line[(colon + 1)..]);
        return true;
    }

    public bool Is(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Name, name);

    public ParameterEnumerator GetParameters() => new(Parameters);

    /// <summary>The place of <paramref name="mark"/> outside double quotes; a quote that is never closed does not quote.</summary>
    private static int FindUnquoted(ReadOnlySpan<byte> text, byte mark)
    {
        int from = 0;
        while (true)
        {
            int next = text[from..].IndexOfAny(mark, (byte)'"');
            if (next < 0)
            {
                return -1;
            }
            next += from;
            if (text[next] == mark)
            {
                return next;
            }
            int close = text[(next + 1)..].IndexOf((byte)'"');
            if (close < 0)
            {
                int plain = text[next..].IndexOf(mark);
                return plain < 0 ? -1 : next + plain;
            }
            from = next + 1 + close + 1;
        }
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (byte c in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'-' or (byte)'_'))
            {
                return false;
            }
        }
        return !name.IsEmpty;
    }

    /// <summary>Each value of each parameter; a parameter without a name, as vCard 2.1 has them, comes with an empty one.</summary>
    public ref struct ParameterEnumerator(ReadOnlySpan<byte> parameters)
    {
        private ReadOnlySpan<byte> _parameters = parameters;
        private ReadOnlySpan<byte> _values;

        public ReadOnlySpan<byte> Name { get; private set; }

        public ReadOnlySpan<byte> Value { get; private set; }

        public bool MoveNext()
        {
            while (_values.IsEmpty)
            {
                if (_parameters.IsEmpty)
                {
                    return false;
                }
                ReadOnlySpan<byte> parameter = First(_parameters, (byte)';');
                _parameters = _parameters[Math.Min(parameter.Length + 1, _parameters.Length)..];
                int equals = parameter.IndexOf((byte)'=');
                Name = equals < 0 ? default : parameter[..equals].Trim((byte)' ');
                _values = parameter[(equals + 1)..];
            }
            ReadOnlySpan<byte> value = First(_values, (byte)',');
            _values = _values[Math.Min(value.Length + 1, _values.Length)..];
            Value = value.Trim((byte)' ').Trim((byte)'"');
            return true;
        }

        private static ReadOnlySpan<byte> First(ReadOnlySpan<byte> list, byte separator)
        {
            int end = FindUnquoted(list, separator);
            return end < 0 ? list : list[..end];
        }
    }
}
