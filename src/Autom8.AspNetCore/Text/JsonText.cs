using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Autom8.Security.Text;

namespace Autom8.AspNetCore;

/// <summary>
/// Normalises the texts in JSON where they stand: the bytes between them are not touched, so that what reads them afterwards finds everything else as it was sent.
/// </summary>
internal ref struct JsonText
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly TextPolicy _policy;
    private readonly TextProblems _problems;
    private readonly List<Frame> _frames = [];
    private ArrayBufferWriter<byte>? _changed;
    private int _copied;
    private Utf8JsonReader _reader;

    private JsonText(ReadOnlySpan<byte> json, JsonSerializerOptions options, TextPolicy policy, TextProblems problems)
    {
        _json = json;
        _policy = policy;
        _problems = problems;
        _reader = new Utf8JsonReader(
            json,
            new JsonReaderOptions
            {
                AllowTrailingCommas = options.AllowTrailingCommas,
                CommentHandling = options.ReadCommentHandling,
                MaxDepth = options.MaxDepth,
            }
        );
    }

    /// <summary>The JSON with its texts in their normal form; null if it was so already, or there are problems, or it is not JSON, which is for the endpoint's reader to say.</summary>
    public static byte[]? Normalize(
        ReadOnlySpan<byte> json,
        TextShape shape,
        JsonSerializerOptions options,
        TextPolicy policy,
        TextProblems problems
    )
    {
        var text = new JsonText(json, options, policy, problems);
        try
        {
            text.Read(shape);
        }
        catch (JsonException)
        {
            return null;
        }

        return problems.IsEmpty ? text.Changed() : null;
    }

    private void Read(TextShape root)
    {
        while (!_problems.IsFull && _reader.Read())
        {
            switch (_reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    ReadName();
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    _frames.RemoveAt(_frames.Count - 1);
                    break;
                default:
                    ReadValue(root);
                    break;
            }
        }
    }

    private void ReadName()
    {
        var frame = _frames[^1];
        var name = Text();
        var member = frame.Shape.Member(name);
        _frames[^1] = frame with { Index = frame.Index + 1, Name = member.Name, Child = member.Shape };
        if (frame.Shape.HasTextKeys)
        {
            Judge(name);
        }
    }

    private void ReadValue(TextShape root)
    {
        var shape = root;
        if (_frames.Count > 0)
        {
            var frame = _frames[^1];
            shape = frame.Child;
            if (frame.IsArray)
            {
                _frames[^1] = frame with { Index = frame.Index + 1 };
            }
        }

        switch (_reader.TokenType)
        {
            case JsonTokenType.StartArray:
                _frames.Add(new Frame(shape, IsArray: true, Index: -1, Name: null, shape.Element()));
                break;
            case JsonTokenType.StartObject:
                _frames.Add(new Frame(shape, IsArray: false, Index: -1, Name: null, shape));
                break;
            case JsonTokenType.String when shape.IsText:
                Judge(Text());
                break;
            default:
                break;
        }
    }

    /// <summary>Null if it is not well-formed: a lone surrogate in its escapes, or bytes that are not UTF-8.</summary>
    private string? Text()
    {
        try
        {
            return _reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private void Judge(string? text)
    {
        if (text is null)
        {
            _problems.AddIllFormed(Path());
            return;
        }

        var result = TextRules.Normalize(text, _policy);
        if (!result.IsValid)
        {
            _problems.Add(Path(), result);
        }
        else if (!string.Equals(result.Text, text, StringComparison.Ordinal))
        {
            Replace(result.Text);
        }
    }

    private void Replace(string text)
    {
        _changed ??= new ArrayBufferWriter<byte>(_json.Length + 16);
        var start = (int)_reader.TokenStartIndex + 1; // behind the quotation mark
        _changed.Write(_json[_copied..start]);
        _changed.Write(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        _copied = start + _reader.ValueSpan.Length;
    }

    private readonly byte[]? Changed()
    {
        if (_changed is null)
        {
            return null;
        }

        _changed.Write(_json[_copied..]);
        return _changed.WrittenSpan.ToArray();
    }

    // A name that is the client's own is data, and told by its place.
    private readonly string Path()
    {
        var path = new StringBuilder();
        foreach (var frame in _frames)
        {
            if (frame.Name is { } name)
            {
                path.Append(path.Length > 0 ? "." : "").Append(name);
            }
            else
            {
                path.Append(CultureInfo.InvariantCulture, $"[{frame.Index}]");
            }
        }

        return path.Length == 0 ? "body" : path.ToString();
    }

    /// <summary>An object or array that is open: the place that is being read, and what stands there.</summary>
    private readonly record struct Frame(TextShape Shape, bool IsArray, int Index, string? Name, TextShape Child);
}
