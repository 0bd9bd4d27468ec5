namespace Autom8.Security.Audit;

/// <summary>Collects what is wrong: all of it is counted, the first of it told.</summary>
internal sealed class AuditFindings
{
    private readonly List<AuditFinding> first = [];

    public long Count { get; private set; }

    public IReadOnlyList<AuditFinding> First => first;

    public void Add(AuditFindingKind kind, long? sequence, Guid? entryId = null, long count = 1)
    {
        Count += count;
        if (first.Count < AuditVerification.MaxFindings)
        {
            first.Add(new AuditFinding(kind, sequence, entryId, count));
        }
    }
}
