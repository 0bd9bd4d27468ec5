using Microsoft.Extensions.Logging;

namespace Autom8.Caching.Diagnostics;

/// <summary>What the cache says. Keys, tags, values and the text of exceptions (which may quote keys) are never logged.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(1, LogLevel.Warning, "The distributed cache failed to {Operation}: {Error}")]
    public static partial void DistributedFailed(ILogger logger, string operation, string error);

    [LoggerMessage(2, LogLevel.Warning, "The distributed cache is left alone until a probe succeeds; memory and loads go on")]
    public static partial void CircuitOpened(ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "The distributed cache answers again")]
    public static partial void CircuitClosed(ILogger logger);

    [LoggerMessage(4, LogLevel.Debug, "A payload of the distributed cache was foreign, old, damaged or forged: counted as a miss")]
    public static partial void PayloadRejected(ILogger logger);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "A key that holds one type was asked for {Type}: counted as a miss. Give each type keys of its own"
    )]
    public static partial void TypeMismatch(ILogger logger, string type);

    [LoggerMessage(6, LogLevel.Warning, "A {Type} of {Bytes} bytes is over MaximumPayloadBytes and was not cached in serialised form")]
    public static partial void PayloadTooLarge(ILogger logger, string type, int bytes);

    [LoggerMessage(7, LogLevel.Warning, "A {Type} could not be serialised for the distributed cache: {Error}")]
    public static partial void SerializationFailed(ILogger logger, string type, string error);

    [LoggerMessage(8, LogLevel.Debug, "A key that is empty, blank or over MaximumKeyLength was loaded without being cached")]
    public static partial void KeyNotCacheable(ILogger logger);

    [LoggerMessage(9, LogLevel.Error, "Maintenance of the distributed cache failed: {Error}")]
    public static partial void MaintenanceFailed(ILogger logger, string error);
}
