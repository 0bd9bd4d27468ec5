namespace Autom8.Caching.Tags;

internal static class TagSet
{
    /// <summary>Stands for every entry: removing it empties the cache.</summary>
    public const string All = "*";

    public const int MaximumCount = 64;
    public const int MaximumLength = 1024;

    /// <summary>A checked copy without repetitions, since the caller's sequence may change.</summary>
    /// <exception cref="ArgumentException">A tag is blank, too long or <c>*</c>, or there are too many.</exception>
    public static string[] Copy(IEnumerable<string>? tags)
    {
        if (tags is null)
        {
            return [];
        }

        var copy = tags.Distinct(StringComparer.Ordinal).ToArray();
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
        if (tag.Length > MaximumLength || !Distributed.DistributedTier.CanName(tag))
        {
            throw new ArgumentException($"A tag is well-formed text of at most {MaximumLength} characters.", nameof(tag));
        }
    }
}
