namespace Autom8.Scheduling.Storage.Memory;

/// <summary>Texts one behind the other in arrays of characters, which the garbage collector neither looks into nor moves again and again as it would a million strings. Not thread-safe.</summary>
/// <remarks>A text that goes leaves a gap: the owner adds those it still has to another one when <see cref="Gaps"/> are more than they.</remarks>
internal sealed class NameTexts
{
    public const int MaxLength = 1 << 10;

    private const int ChunkBits = 14;
    private const int ChunkSize = 1 << ChunkBits;

    private readonly List<char[]> _chunks = [];
    private int _end;

    /// <summary>How many characters the texts have that are there.</summary>
    public int Used { get; private set; }

    /// <summary>How many those have that went.</summary>
    public int Gaps { get; private set; }

    public ReadOnlySpan<char> this[TextPlace place] =>
        place.Length == 0 ? [] : _chunks[place.Start >> ChunkBits].AsSpan(place.Start & (ChunkSize - 1), place.Length);

    public TextPlace Add(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength)
        {
            throw new ArgumentException("It is too long.", nameof(text));
        }

        if (text.IsEmpty)
        {
            return default;
        }

        if (_end + text.Length > _chunks.Count << ChunkBits)
        {
            _end = _chunks.Count << ChunkBits;
            _chunks.Add(new char[ChunkSize]);
        }

        var place = new TextPlace(_end, (short)text.Length);
        text.CopyTo(_chunks[^1].AsSpan(_end & (ChunkSize - 1)));
        _end += text.Length;
        Used += text.Length;
        return place;
    }

    public void Remove(TextPlace place)
    {
        Used -= place.Length;
        Gaps += place.Length;
    }
}

/// <summary>Where a text is.</summary>
internal readonly record struct TextPlace(int Start, short Length);
