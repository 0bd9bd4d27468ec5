using System.Diagnostics;

namespace Autom8.Testing;

/// <summary>Finds and runs the programs of the installed servers, as another user where the server refuses root.</summary>
internal static class InstalledProgram
{
    /// <summary>The program's path, or null: on the PATH or where system packages put servers.</summary>
    public static string? Find(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Append("/usr/sbin").Append("/usr/local/sbin").Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>What to put before a command so that root runs it as <paramref name="user"/>; nothing for anybody else.</summary>
    public static string[] RunAs(string user) =>
        Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--"] : [];

    /// <summary>Gives a folder and all in it to <paramref name="user"/>, when this process is root.</summary>
    public static async Task GiveAsync(string folder, string user)
    {
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync(["chown", "-R", $"{user}:", folder], folder);
        }
    }

    /// <summary>Runs a command to its end; throws with what it printed when it fails.</summary>
    public static async Task RunAsync(string[] command, string folder)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new ServerStartException(command[0], $"{await output}{error}");
        }
    }
}
