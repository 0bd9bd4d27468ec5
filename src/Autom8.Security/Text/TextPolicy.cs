namespace Autom8.Security.Text;

/// <summary>What a text may hold.</summary>
/// <param name="MaxGraphemes">How many characters as a reader counts them (grapheme clusters, UAX #29): at least 1.</param>
public sealed record TextPolicy(int MaxGraphemes)
{
    /// <summary>Whether line feeds and tabs may stand in it; other line ends become line feeds. Default false.</summary>
    public bool MultiLine { get; init; }

    /// <summary>Whether it may be empty, or nothing but white space. Default false.</summary>
    public bool AllowEmpty { get; init; }

    /// <summary>What to do about characters that nobody sees. Default <see cref="InvisibleCharacters.Refuse"/>.</summary>
    public InvisibleCharacters Invisible { get; init; }
}

/// <summary>What to do about bidirectional controls and zero-width characters.</summary>
public enum InvisibleCharacters
{
    /// <summary>The text is refused: for what people type.</summary>
    Refuse,

    /// <summary>They are taken out: for imports, since address books put them around numbers and names.</summary>
    Remove,
}
