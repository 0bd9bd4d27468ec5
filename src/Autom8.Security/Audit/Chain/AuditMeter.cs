using System.Diagnostics.Metrics;

namespace Autom8.Security.Audit;

/// <summary>The audit log's instruments of the meter <c>Autom8.Security</c>.</summary>
internal static class AuditMeter
{
    private static readonly Meter Meter = new("Autom8.Security");

    private static readonly Counter<long> SealedEntries = Meter.CreateCounter<long>(
        "autom8.security.audit.sealed",
        "{entry}",
        "Audit entries that were chained."
    );

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "autom8.security.audit.failures",
        "{failure}",
        "Failures around the audit chain, by kind: sealing, anchor, rewritten."
    );

    public static void Sealed(int entries) => SealedEntries.Add(entries);

    public static void SealingFailed() => Failed("sealing");

    public static void AnchorFailed() => Failed("anchor");

    public static void Rewritten() => Failed("rewritten");

    private static void Failed(string kind) => Failures.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
