namespace Autom8.Security.Audit;

/// <summary>The chain of the audit log, section <c>Autom8:Security:Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>How often committed entries are chained: 50 milliseconds to a second. Default half a second. An entry deleted before that is not missed.</summary>
    public TimeSpan SealEvery { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After how long a checkpoint is signed, if entries came since the last: one second to a day. Default one minute.</summary>
    public TimeSpan CheckpointEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>After how many entries a checkpoint is signed, even before its time: 1 to 1,000,000. Default 1000.</summary>
    public int CheckpointEntries { get; set; } = 1_000;

    /// <summary>
    /// A file outside the data folder, best on another machine, to which every checkpoint is appended. It reveals that the log was truncated or replaced, which the
    /// database itself cannot. Default none.
    /// </summary>
    public string? AnchorFile { get; set; }

    /// <summary>How long entries are kept: at least a day. Default for ever. Where the service may not delete, cut by another role instead.</summary>
    public TimeSpan? KeepFor { get; set; }

    internal IEnumerable<string> Problems()
    {
        const string section = "Autom8:Security:Audit";
        if (SealEvery < TimeSpan.FromMilliseconds(50) || SealEvery > TimeSpan.FromSeconds(1))
        {
            yield return $"{section}:SealEvery is {SealEvery:c}; it must be 50 milliseconds to one second, such as 00:00:00.5.";
        }

        if (CheckpointEvery < TimeSpan.FromSeconds(1) || CheckpointEvery > TimeSpan.FromDays(1))
        {
            yield return $"{section}:CheckpointEvery is {CheckpointEvery:c}; it must be one second to one day, such as 00:01:00.";
        }

        if (CheckpointEntries is < 1 or > 1_000_000)
        {
            yield return $"{section}:CheckpointEntries is {CheckpointEntries}; it must be 1 to 1000000, such as 1000.";
        }

        if (AnchorFile is { } file && !Path.IsPathFullyQualified(file))
        {
            yield return $"{section}:AnchorFile must be a full path, such as /mnt/anchors/audit.txt.";
        }

        if (KeepFor < TimeSpan.FromDays(1))
        {
            yield return $"{section}:KeepFor is {KeepFor:c}; it must be at least a day, such as 365.00:00:00.";
        }
    }
}
