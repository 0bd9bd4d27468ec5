namespace Autom8.Caching.Tags;

internal static class TagSet
{
    /// <summary>Stands for every entry: removing it empties the cache.</summary>
    public const string All = "*";

    /// <summary>Before the tags that are ours: no tag of a user begins so.</summary>
    private const char Ours = '\0';

    public const int MaximumCount = 64;
    public const int MaximumLength = 1024;

    /// <summary>The tag that every entry of a region bears.</summary>
    public static string OfRegion(string region) => Ours + region;

    /// <summary>A checked copy without repetitions, since the caller's sequence may change.</summary>
    /// <exception cref="ArgumentException">A tag is blank, too long or <c>*</c>, or there are too many.</exception>
    public static string[] Copy(IEnumerable<string>? tags)
    {
        if (tags is null)
        {
            return [];
        }

        string[] copy = [.. tags.Distinct(StringComparer.Ordinal)];
        foreach (var tag in copy)
        {
            Check(tag);
            if (tag == All)
            {
                throw new ArgumentException("The tag '*' means every entry and cannot be given to one.", nameof(tags));
            }
        }

        return copy.Length <= MaximumCount
            ? copy
            : throw new ArgumentException($"{copy.Length} tags were given; an entry bears at most {MaximumCount}.", nameof(tags));
    }

    public static void Check(string tag)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tag);
        if (tag.Length > MaximumLength || tag[0] == Ours || !Distributed.DistributedTier.CanName(tag))
        {
            throw new ArgumentException(
                $"A tag is well-formed text of at most {MaximumLength} characters that does not begin with U+0000.",
                nameof(tag)
            );
        }
    }
}
