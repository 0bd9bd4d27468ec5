namespace Autom8.Security.Audit;

/// <summary>Counts what holds and what does not while the log is read batch by batch.</summary>
internal sealed class AuditTally(AuditSeal seal)
{
    // A batch is one short read, so that a check of the whole log never holds back a checkpoint or a vacuum.
    public const int BatchSize = 1000;

    private readonly List<Guid> failedIds = [];
    private long entries;
    private long failures;

    /// <summary>Where the next batch begins.</summary>
    public Guid Last { get; private set; } = Guid.Empty;

    public void Add(List<AuditRow> rows)
    {
        foreach (var row in rows)
        {
            entries++;
            Last = row.Id;
            if (!seal.Holds(row))
            {
                failures++;
                if (failedIds.Count < AuditVerification.MaxFailedIds)
                {
                    failedIds.Add(row.Id);
                }
            }
        }
    }

    public AuditVerification ToVerification() => new(entries, failures, failedIds);
}
