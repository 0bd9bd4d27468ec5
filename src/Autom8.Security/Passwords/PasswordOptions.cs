using System.Globalization;

namespace Autom8.Security.Passwords;

/// <summary>The cost of a password hash and how many may run at once, section <c>Autom8:Security:Passwords</c>.</summary>
/// <remarks>The defaults are those of the OWASP Password Storage Cheat Sheet for Argon2id: 19 MiB, 2 passes, 1 lane.</remarks>
public sealed class PasswordOptions
{
    internal const int MinMemoryKiB = 7_168;
    internal const int MaxMemoryKiB = 262_144;
    internal const int MaxPasses = 16;

    // The cheapest of the equivalent settings that OWASP lists: 7 MiB, 5 passes.
    private const int MinCost = 35_840;

    /// <summary>Memory of one hash in KiB: 7168 to 262144. Default 19456.</summary>
    public int MemoryKiB { get; set; } = 19_456;

    /// <summary>Passes over the memory: 1 to 16. Default 2. Memory times passes is at least 35840.</summary>
    public int Passes { get; set; } = 2;

    /// <summary>
    /// How many hashes may run at once, which bounds their memory to this number times <see cref="MemoryKiB"/>: 1 to 256. Default: the number of processors.
    /// </summary>
    public int MaxConcurrentHashes { get; set; } = Math.Clamp(Environment.ProcessorCount, 1, 256);

    /// <summary>How many callers may wait for their turn before the next is turned away: 0 to 10000. Default 64.</summary>
    public int QueueLimit { get; set; } = 64;

    /// <summary>When a caller that was turned away may come back. Default one second.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    internal IEnumerable<string> Problems()
    {
        const string section = "Autom8:Security:Passwords";
        if (MemoryKiB is < MinMemoryKiB or > MaxMemoryKiB)
        {
            yield return $"{section}:MemoryKiB is {Text(MemoryKiB)}; it must be {MinMemoryKiB} to {MaxMemoryKiB}, such as 19456.";
        }

        if (Passes is < 1 or > MaxPasses)
        {
            yield return $"{section}:Passes is {Text(Passes)}; it must be 1 to {MaxPasses}, such as 2.";
        }

        if ((long)MemoryKiB * Passes < MinCost)
        {
            yield return $"{section}: MemoryKiB times Passes is below {MinCost}, which is too cheap to attack. Use 19456 and 2.";
        }

        if (MaxConcurrentHashes is < 1 or > 256)
        {
            yield return $"{section}:MaxConcurrentHashes is {Text(MaxConcurrentHashes)}; it must be 1 to 256, such as the number of processors.";
        }

        if (QueueLimit is < 0 or > 10_000)
        {
            yield return $"{section}:QueueLimit is {Text(QueueLimit)}; it must be 0 to 10000, such as 64.";
        }

        if (RetryAfter <= TimeSpan.Zero)
        {
            yield return $"{section}:RetryAfter must be longer than nothing, such as 00:00:01.";
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
