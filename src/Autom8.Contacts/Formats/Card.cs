using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>One vCard as its lines arrive: collects what is wanted, remembers the first fault, and completes to a record or that fault.</summary>
internal sealed class Card(int line, ContactReadLimits limits, ValueText text)
{
    private readonly ContactDraft _draft = new(line);
    private List<GroupedValue>? _grouped;
    private List<KeyValuePair<string, string>>? _groupLabels;
    private ImportFault? _fault;
    private int _properties;
    private int _bytes;
    private bool _fullNamePreferred;

    /// <summary>Version 2.1 folds and escapes in ways of its own.</summary>
    public bool IsVersion21 { get; private set; }

    public int Line => line;

    public bool IsFaulty => _fault is not null;

    public void Fail(int faultLine, ImportFaultKind kind, string problem, string remedy) =>
        _fault ??= new ImportFault(faultLine, line, kind, problem, remedy);

    public ImportItem Complete()
    {
        if (_fault is not null)
        {
            return new ImportItem(_fault);
        }
        ApplyGroupLabels();
        if (_draft.Complete() is { } record)
        {
            return new ImportItem(record);
        }
        Fail(
            line,
            ImportFaultKind.NothingToIdentify,
            "The card has no name, no phone number and no e-mail address.",
            "Give it at least one of FN, TEL and EMAIL."
        );
        return new ImportItem(_fault!);
    }

    public ImportItem CompleteUnterminated(int lastLine)
    {
        Fail(
            lastLine,
            ImportFaultKind.Unterminated,
            $"The card that begins on line {line} does not end before this line.",
            "Close every card with END:VCARD before the next begins; the file may have been cut short."
        );
        return new ImportItem(_fault!);
    }

    public void Add(ReadOnlySpan<byte> unfolded, int lineNumber)
    {
        if (IsFaulty)
        {
            return;
        }
        _bytes += unfolded.Length;
        if (_bytes > limits.RecordBytes)
        {
            Fail(
                lineNumber,
                ImportFaultKind.TooLarge,
                $"The card holds more than {limits.RecordBytes} bytes without its pictures.",
                "Shorten its notes, or split it."
            );
        }
        else if (++_properties > limits.Fields)
        {
            Fail(
                lineNumber,
                ImportFaultKind.TooManyFields,
                $"The card has more than {limits.Fields} properties.",
                "Split it, or remove what is not needed."
            );
        }
        else if (ContentLine.TryParse(unfolded, out ContentLine content))
        {
            Add(content, lineNumber);
        }
        else
        {
            Fail(
                lineNumber,
                ImportFaultKind.Malformed,
                "The line is not a property: a name, perhaps parameters, a colon and a value.",
                "Write NAME:value, or begin the line with a space when it continues the one before."
            );
        }
    }

    private void Add(in ContentLine content, int lineNumber)
    {
        // A switch on the length first: most properties of most cards are none of these.
        switch (content.Name.Length)
        {
            case 1 when content.Is("N"u8):
                AddName(content, lineNumber);
                break;
            case 2 when content.Is("FN"u8):
                AddFullName(content, lineNumber);
                break;
            case 3 when content.Is("TEL"u8):
                AddValue(content, lineNumber, _draft.Phones, isPhone: true);
                break;
            case 3 when content.Is("ORG"u8):
                _draft.Organization ??= ReadComponents(content, lineNumber, ", ");
                break;
            case 3 when content.Is("UID"u8):
                _draft.Uid ??= ReadText(content, lineNumber);
                break;
            case 4 when content.Is("NOTE"u8):
                _draft.Note = ContactDraft.Join(_draft.Note, ReadText(content, lineNumber), "\n");
                break;
            case 5 when content.Is("EMAIL"u8):
                AddValue(content, lineNumber, _draft.Emails, isPhone: false);
                break;
            case 5 when content.Is("TITLE"u8):
                _draft.Title ??= ReadText(content, lineNumber);
                break;
            case 7 when content.Is("VERSION"u8):
                SetVersion(content.Value.Trim((byte)' '), lineNumber);
                break;
            case 8 when content.Is("NICKNAME"u8):
                _draft.Nickname ??= ReadText(content, lineNumber);
                break;
            case 9 when content.Is("X-ABLABEL"u8) && !content.Group.IsEmpty:
                if (ReadText(content, lineNumber) is { } label)
                {
                    (_groupLabels ??= []).Add(new(Encoding.Latin1.GetString(content.Group), label));
                }
                break;
        }
    }

    private void SetVersion(ReadOnlySpan<byte> version, int lineNumber)
    {
        IsVersion21 = version.SequenceEqual("2.1"u8);
        if (!IsVersion21 && !version.SequenceEqual("3.0"u8) && !version.SequenceEqual("4.0"u8))
        {
            Fail(
                lineNumber,
                ImportFaultKind.UnsupportedVersion,
                "The VERSION is not one that is known.",
                "Export as vCard 3.0 or 4.0; 2.1 is read too."
            );
        }
    }

    private void AddName(in ContentLine content, int lineNumber)
    {
        if (!TryDecode(content, lineNumber, out Span<char> rest, out _))
        {
            return;
        }
        bool more = true;
        for (int index = 0; VCardText.TryTakeComponent(ref rest, out Span<char> component, ref more); index++)
        {
            string? part = Keep(component);
            switch (index)
            {
                case 0:
                    _draft.Family ??= part;
                    break;
                case 1:
                    _draft.Given ??= part;
                    break;
                case 2:
                    _draft.Additional ??= part;
                    break;
                case 3:
                    _draft.Prefix ??= part;
                    break;
                case 4:
                    _draft.Suffix ??= part;
                    break;
            }
        }
    }

    private void AddFullName(in ContentLine content, int lineNumber)
    {
        // Version 4.0 allows several, in scripts or languages: the preferred, else the first.
        if (TryDecode(content, lineNumber, out Span<char> value, out LabelTypes types))
        {
            bool preferred = types.HasFlag(LabelTypes.Preferred);
            if (Keep(value) is { } name && (_draft.FullName is null || (preferred && !_fullNamePreferred)))
            {
                _draft.FullName = name;
                _fullNamePreferred = preferred;
            }
        }
    }

    private void AddValue(in ContentLine content, int lineNumber, List<LabelledValue> values, bool isPhone)
    {
        if (!TryDecode(content, lineNumber, out Span<char> decoded, out LabelTypes types))
        {
            return;
        }
        ReadOnlySpan<char> unescaped = VCardText.Unescape(decoded, IsVersion21);
        string value = isPhone ? ContactUri.PhoneText(unescaped) : ContactUri.EmailText(unescaped);
        if (value.Length == 0)
        {
            return;
        }
        if (!content.Group.IsEmpty)
        {
            (_grouped ??= []).Add(new GroupedValue(Encoding.Latin1.GetString(content.Group), values, values.Count));
        }
        values.Add(new LabelledValue(value, ValueLabel.FromTypes(types), types.HasFlag(LabelTypes.Preferred)));
    }

    /// <summary>Apple puts a label of the owner's own into a second property of the same group.</summary>
    private void ApplyGroupLabels()
    {
        if (_grouped is null || _groupLabels is null)
        {
            return;
        }
        Dictionary<string, string> labels = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string group, string label) in _groupLabels)
        {
            labels.TryAdd(group, label);
        }
        foreach (GroupedValue grouped in _grouped)
        {
            if (labels.TryGetValue(grouped.Group, out string? label) && ValueLabel.FromText(label) is { } own)
            {
                grouped.Values[grouped.Index] = grouped.Values[grouped.Index] with { Label = own };
            }
        }
    }

    private string? ReadText(in ContentLine content, int lineNumber) =>
        TryDecode(content, lineNumber, out Span<char> value, out _) ? Keep(value) : null;

    private string? ReadComponents(in ContentLine content, int lineNumber, string separator)
    {
        string? joined = null;
        if (TryDecode(content, lineNumber, out Span<char> rest, out _))
        {
            bool more = true;
            while (VCardText.TryTakeComponent(ref rest, out Span<char> component, ref more))
            {
                joined = ContactDraft.Join(joined, Keep(component), separator);
            }
        }
        return joined;
    }

    private string? Keep(Span<char> value) => VCardText.Unescape(value, IsVersion21) is { IsEmpty: false } kept ? kept.ToString() : null;

    private bool TryDecode(in ContentLine content, int lineNumber, out Span<char> value, out LabelTypes types)
    {
        PropertyParameters parameters = content.Parameters.IsEmpty ? default : PropertyParameters.Read(content);
        types = parameters.Types;
        if (text.TryDecode(content.Value, parameters, out value))
        {
            return true;
        }
        Fail(
            lineNumber,
            ImportFaultKind.UndecodableText,
            "The value does not follow the ENCODING or CHARSET that its parameters declare, or these are not known.",
            "Export as vCard 3.0 or 4.0 in UTF-8."
        );
        return false;
    }

    private readonly record struct GroupedValue(string Group, List<LabelledValue> Values, int Index);
}
