using Microsoft.Extensions.Logging;

namespace Autom8.Security.Keys;

internal static partial class KeyringLog
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "Keyring {KeyringId} created in {Place}. Back it up apart from the data: without it the data cannot be read."
    )]
    public static partial void Created(ILogger logger, string keyringId, string place);

    [LoggerMessage(2, LogLevel.Debug, "Keyring {KeyringId} loaded from {Place}.")]
    public static partial void Loaded(ILogger logger, string keyringId, string place);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "A key-encryption key is given, but the keyring {Place} was created without one and is not wrapped."
    )]
    public static partial void NotWrapped(ILogger logger, string place);
}
