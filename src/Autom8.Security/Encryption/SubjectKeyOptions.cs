namespace Autom8.Security.Encryption;

/// <summary>How long and how many unwrapped keys of subjects are kept in memory, section <c>Autom8:Security:SubjectKeys</c>.</summary>
public sealed class SubjectKeyOptions
{
    /// <summary>How many keys are kept in memory: 16 to 1 000 000. Default 16 384, some 30 MiB when full. Keys that are in use are held beyond that.</summary>
    public int CacheCapacity { get; set; } = 16_384;

    /// <summary>How long a key may be used without asking the table again: 100 ms to 10 minutes. Default 10 seconds. After a subject is shredded by one node,
    /// another can read its fields for that long, unless it is told earlier (<see cref="ISubjectKeys.Forget"/>).</summary>
    public TimeSpan CacheDuration { get; set; } = TimeSpan.FromSeconds(10);

    internal IEnumerable<string> Problems()
    {
        if (CacheCapacity is < 16 or > 1_000_000)
        {
            yield return "Autom8:Security:SubjectKeys:CacheCapacity must be 16 to 1000000.";
        }

        if (CacheDuration < TimeSpan.FromMilliseconds(100) || CacheDuration > TimeSpan.FromMinutes(10))
        {
            yield return "Autom8:Security:SubjectKeys:CacheDuration must be 00:00:00.100 to 00:10:00.";
        }
    }
}
