using Microsoft.Extensions.Logging;

namespace Autom8.Security.Audit;

internal static partial class AuditLogging
{
    [LoggerMessage(
        20,
        LogLevel.Critical,
        "The audit chain was rewritten behind this process: it had {Known} entries, now {Found}. Verify it against the anchored checkpoints."
    )]
    public static partial void Rewritten(ILogger logger, long known, long found);

    [LoggerMessage(21, LogLevel.Error, "Audit entries could not be sealed; it is tried again.")]
    public static partial void SealingFailed(ILogger logger, Exception error);

    [LoggerMessage(22, LogLevel.Error, "A checkpoint of the audit log could not be anchored by {Anchor}; it is tried again.")]
    public static partial void AnchorFailed(ILogger logger, string anchor, Exception error);

    [LoggerMessage(
        23,
        LogLevel.Critical,
        "The newest checkpoint of the audit log is not signed by its keyring, or is behind the {Anchored} entries that were anchored. It is not anchored. Verify the log."
    )]
    public static partial void NotAnchored(ILogger logger, long anchored);

    [LoggerMessage(24, LogLevel.Error, "Old audit entries could not be given up; it is tried again.")]
    public static partial void CutFailed(ILogger logger, Exception error);

    [LoggerMessage(
        25,
        LogLevel.Critical,
        "No checkpoint of the audit log could be signed at {Size}: its rows name more keys than a checkpoint holds. Verify the log."
    )]
    public static partial void NotSigned(ILogger logger, long size);
}
