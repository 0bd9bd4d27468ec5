using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Autom8.Host.Tests.Running;

/// <summary>The service as a process of its own: started, killed, stopped and started again as an operator would.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Read(e.Data, _output);
        _process.ErrorDataReceived += (_, e) => Read(e.Data, _error);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException("The host ended before it listened."));
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>What it wrote to its standard output.</summary>
    public string Output => Text(_output);

    /// <summary>What it wrote to its standard error.</summary>
    public string Error => Text(_error);

    /// <summary>Starts the service and waits until it takes requests.</summary>
    /// <param name="folder">The working folder: data and keys stand below it.</param>
    /// <param name="settings">Settings as they are named in the documentation, such as <c>Autom8:Api:MaxBodyBytes</c>.</param>
    public static async Task<HostProcess> StartAsync(string folder, IEnumerable<KeyValuePair<string, string>>? settings = null)
    {
        var host = new HostProcess(StartInfo(folder, settings, ["--urls", "http://127.0.0.1:0"]));
        host.Begin();
        try
        {
            host.Address = await host._listening.Task.WaitAsync(TimeSpan.FromSeconds(60));
            return host;
        }
        catch (Exception error)
        {
            await host.DisposeAsync();
            throw new InvalidOperationException("The host did not start:\n" + host.Output + host.Error, error);
        }
    }

    /// <summary>Runs the binary until it ends by itself: a command, or a start that is refused.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string folder,
        IEnumerable<KeyValuePair<string, string>>? settings,
        params string[] arguments
    )
    {
        await using var host = new HostProcess(StartInfo(folder, settings, arguments));
        host.Begin();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await host._process.WaitForExitAsync(timeout.Token);
        _ = host._listening.Task.Exception;
        return (host._process.ExitCode, host.Output, host.Error);
    }

    /// <summary>Pulls the plug: SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as a service manager does: SIGTERM.</summary>
    public async Task<int> StopAsync()
    {
        using var signal = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await signal.WaitForExitAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(
        string folder,
        IEnumerable<KeyValuePair<string, string>>? settings,
        IEnumerable<string> arguments
    )
    {
        var start = new ProcessStartInfo(Programs.Host[0], [.. Programs.Host[1..], .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings ?? [])
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return start;
    }

    private void Begin()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Read(string? line, StringBuilder text)
    {
        if (line is null)
        {
            return;
        }

        lock (text)
        {
            text.AppendLine(line);
        }

        if (Listening().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups["url"].Value));
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [GeneratedRegex("Now listening on: (?<url>http://\\S+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Listening();
}
