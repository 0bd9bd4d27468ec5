using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Microsoft.Extensions.Logging;

namespace Autom8.Security.Audit;

/// <summary>The parts that keep and judge one chain, put together once.</summary>
internal sealed class AuditChainServices : IDisposable
{
    private readonly FileAuditAnchor? file;
    private readonly AuditAnchoring anchoring;
    private readonly AuditOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public AuditChainServices(
        IAuditChainStore store,
        IKeyringProvider keyrings,
        IFieldProtector fields,
        AuditOptions options,
        IEnumerable<IAuditAnchor> anchors,
        TimeProvider time,
        ILogger logger
    )
    {
        (this.options, this.time, this.logger) = (options, time, logger);
        file = options.AnchorFile is { } path ? new FileAuditAnchor(path) : null;
        IAuditAnchor[] all = file is null ? [.. anchors] : [.. anchors, file];
        var keys = new AuditKeys(keyrings);
        var mac = new AuditRowMac(keys, new AuditPersonal(fields, keys: null));
        Sealer = new AuditSealer(store, keys, mac, options, time, logger);
        Verifier = new AuditVerifier(store, keys, mac, Sealer, all);
        Retention = new AuditRetention(store, keys, mac, time);
        KeyUsage = new AuditKeyUsage(store, keys);
        anchoring = new AuditAnchoring(store, keys, all, logger);
    }

    public AuditSealer Sealer { get; }

    public AuditVerifier Verifier { get; }

    public AuditRetention Retention { get; }

    public AuditKeyUsage KeyUsage { get; }

    /// <summary>Hands the newest checkpoint to the anchors.</summary>
    public ValueTask AnchorAsync(CancellationToken ct) => anchoring.AnchorAsync(ct);

    public AuditSealing CreateSealing() => new(Sealer, anchoring, Retention, options, time, logger);

    public void Dispose() => file?.Dispose();
}
