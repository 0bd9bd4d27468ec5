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

    [LoggerMessage(
        4,
        LogLevel.Warning,
        "Keyring {KeyringId} was stored by an earlier version and has new keys now: {Purposes}. Back it up again: an older copy is refused from now on."
    )]
    public static partial void Completed(ILogger logger, string keyringId, string purposes);

    [LoggerMessage(5, LogLevel.Information, "Key {Key} of {Purpose}: {From} -> {To}.")]
    public static partial void Changed(ILogger logger, string key, KeyPurpose purpose, KeyState? from, KeyState to);

    [LoggerMessage(
        6,
        LogLevel.Error,
        "The keyring cannot be refreshed or advanced; this node goes on with the one it has and tries again."
    )]
    public static partial void NotRefreshed(ILogger logger, Exception exception);

    [LoggerMessage(
        7,
        LogLevel.Warning,
        "The keyring {Place} is older than the database: recovered from an escrow, with every key that rows need."
    )]
    public static partial void RecoveredOlder(ILogger logger, string place);
}
