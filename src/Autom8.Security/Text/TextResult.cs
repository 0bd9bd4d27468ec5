using System.Diagnostics.CodeAnalysis;

namespace Autom8.Security.Text;

/// <summary>A text in its normal form, or what is wrong with it. No text form of a result shows the value.</summary>
public readonly struct TextResult
{
    private TextResult(string? text, TextProblem problem, int limit) => (Text, Problem, Limit) = (text, problem, limit);

    /// <summary>The text to keep; null when there is a problem.</summary>
    public string? Text { get; }

    /// <summary>What is wrong.</summary>
    public TextProblem Problem { get; }

    /// <summary>Whether the text may be kept.</summary>
    [MemberNotNullWhen(true, nameof(Text))]
    public bool IsValid => Problem == TextProblem.None && Text is not null;

    private int Limit { get; }

    /// <summary>What is wrong, for the person who sent it: without the value, and to be put behind the name of the field.</summary>
    public string Message =>
        Problem switch
        {
            TextProblem.None => "is valid",
            TextProblem.Empty => "must not be empty",
            TextProblem.TooLong => $"must have at most {Limit} characters",
            TextProblem.ControlCharacter => "must not contain control characters or line ends",
            TextProblem.BidirectionalControl => "must not contain characters that change the direction of text",
            TextProblem.ZeroWidthCharacter => "must not contain zero-width characters",
            _ => "is not well-formed Unicode text",
        };

    /// <summary>The problem; never the value.</summary>
    public override string ToString() => Problem.ToString();

    internal static TextResult Valid(string text) => new(text, TextProblem.None, 0);

    internal static TextResult Refused(TextProblem problem, int limit = 0) => new(null, problem, limit);
}

/// <summary>What is wrong with a text.</summary>
public enum TextProblem
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Nothing is left of it.</summary>
    Empty,

    /// <summary>More grapheme clusters than allowed, or clusters of absurd length.</summary>
    TooLong,

    /// <summary>A control character, or a line end in a text of one line: log and header injection.</summary>
    ControlCharacter,

    /// <summary>An override, embedding, isolate or mark of the bidirectional algorithm (UAX #9): text that reads otherwise than it is stored.</summary>
    BidirectionalControl,

    /// <summary>A character without width: names that look alike and are not.</summary>
    ZeroWidthCharacter,

    /// <summary>A lone surrogate or a noncharacter.</summary>
    IllFormed,
}
