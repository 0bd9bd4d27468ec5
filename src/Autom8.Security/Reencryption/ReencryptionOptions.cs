namespace Autom8.Security.Reencryption;

/// <summary>How re-encryption runs in the background, section <c>Autom8:Security:Reencryption</c>.</summary>
public sealed class ReencryptionOptions
{
    /// <summary>Whether this node re-encrypts in the background. Default true; several nodes may do so at once.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How many rows are replaced in one transaction: 1 to 1 000. Default 128.</summary>
    public int BatchSize { get; set; } = 128;

    /// <summary>How often is looked whether there is something to do: 1 second to 1 day. Default 1 minute.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The rest between two batches, in which others have the database to themselves: 0 to 1 minute. Default 20 ms.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long after a pass a second one looks for what other nodes still wrote with the key that was active before: 0 to 7 days. Default 1 hour.</summary>
    public TimeSpan Settling { get; set; } = TimeSpan.FromHours(1);

    internal IEnumerable<string> Problems()
    {
        if (BatchSize is < 1 or > 1_000)
        {
            yield return "Autom8:Security:Reencryption:BatchSize must be 1 to 1000.";
        }

        if (Interval < TimeSpan.FromSeconds(1) || Interval > TimeSpan.FromDays(1))
        {
            yield return "Autom8:Security:Reencryption:Interval must be 00:00:01 to 1.00:00:00.";
        }

        if (Pause < TimeSpan.Zero || Pause > TimeSpan.FromMinutes(1))
        {
            yield return "Autom8:Security:Reencryption:Pause must be 00:00:00 to 00:01:00.";
        }

        if (Settling < TimeSpan.Zero || Settling > TimeSpan.FromDays(7))
        {
            yield return "Autom8:Security:Reencryption:Settling must be 00:00:00 to 7.00:00:00.";
        }
    }
}
