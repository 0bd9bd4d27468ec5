using Autom8.Security.Accounts;
using Microsoft.Extensions.Logging;

namespace Autom8.Hosting;

/// <summary>Hands a one-time password to whoever runs the service: in a file that only they can read, and on the console if that is a terminal.</summary>
public sealed partial class OneTimePasswordFile(ServiceStorage storage, ILogger<OneTimePasswordFile> logger)
{
    /// <summary>Where the password of an account is put.</summary>
    public string PathOf(string account) => Path.Combine(storage.KeyFolder, account + ".one-time-password");

    /// <summary>Writes the password, over an earlier one of the same account.</summary>
    public void HandOver(AccountCredential credential)
    {
        var path = PathOf(credential.Account.Name);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(storage.KeyFolder);
        }
        else
        {
            Directory.CreateDirectory(storage.KeyFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Deleted first, so that the new file has its own mode whatever stood there.
        File.Delete(path);
        using (var writer = new StreamWriter(path, options))
        {
            writer.WriteLine(credential.OneTimePassword);
        }

        HandedOver(logger, credential.Account.Name, path, credential.Account.PasswordExpiresAt);
        if (!Console.IsOutputRedirected)
        {
            Console.WriteLine($"Account '{credential.Account.Name}', one-time password: {credential.OneTimePassword}");
            Console.WriteLine($"It expires at {credential.Account.PasswordExpiresAt:u} and must be changed at the first sign-in.");
        }
    }

    /// <summary>Removes a password that has served.</summary>
    public void Discard(string account)
    {
        // It may have been handed over by another node, and then there is not even the folder here.
        var path = PathOf(account);
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "The one-time password of '{Account}' is in {Path}; it expires at {ExpiresAt:u} and must be changed at the first sign-in"
    )]
    private static partial void HandedOver(ILogger logger, string account, string path, DateTimeOffset? expiresAt);
}
