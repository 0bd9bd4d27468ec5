using Microsoft.Extensions.Logging;

namespace Autom8.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(1, LogLevel.Information, "Applied {Count} migrations to {Database}")]
    public static partial void Migrated(ILogger logger, string database, int count);
}
