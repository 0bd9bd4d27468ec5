using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Autom8.Testing;

/// <summary>
/// One server under <c>supervisor.sh</c>, in a folder of its own: whatever becomes of this process, kill -9 included, the server
/// ends and the folder goes.
/// </summary>
/// <remarks>Not thread-safe: its owner starts and stops it in turn.</remarks>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int KeptLines = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<string> Supervisor = new(ReadSupervisor);

    private readonly string _name;
    private readonly Process _supervisor;
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private readonly Queue<string> _output = [];
    private Run _run = Run.Ended;

    private ServerProcess(string name, string folder, Process supervisor)
    {
        _name = name;
        Folder = folder;
        _supervisor = supervisor;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>The server's folder, removed when the server is disposed or this process ends.</summary>
    public string Folder { get; }

    /// <summary>The server's process id while it runs, otherwise 0.</summary>
    public int ProcessId => _run.Exited.Task.IsCompleted ? 0 : _run.ProcessId;

    /// <summary>The last lines that the server printed since it was last started.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <param name="name">Used in messages.</param>
    /// <param name="folder">A new folder that now belongs to the server.</param>
    /// <param name="stopSignal">What ends the server at once and with its children, when this process is gone.</param>
    /// <param name="command">The server in the foreground.</param>
    public static ServerProcess Create(string name, string folder, string stopSignal, IEnumerable<string> command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Supervisor.Value, "supervisor.sh", folder, stopSignal, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        };
        return new ServerProcess(name, folder, Process.Start(start)!);
    }

    /// <summary>Starts the server and returns once it has printed <paramref name="readyText"/>.</summary>
    public async Task StartAsync(string readyText)
    {
        var run = new Run(readyText);
        lock (_lock)
        {
            _output.Clear();
            _run = run;
        }
        await _supervisor.StandardInput.WriteLineAsync("start");
        var ready = false;
        try
        {
            ready = await run.Ready.Task.WaitAsync(Patience);
        }
        catch (TimeoutException) { }
        if (!ready)
        {
            throw new ServerStartException(_name, Output);
        }
    }

    /// <summary>Starts the server on a free port, on another one should somebody be quicker.</summary>
    public async Task<int> StartOnFreePortAsync(Func<int, Task> configure, string readyText)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Next();
            await configure(port);
            try
            {
                await StartAsync(readyText);
                return port;
            }
            catch (ServerStartException failure) when (failure.PortIsTaken && attempt < 5) { }
        }
    }

    /// <summary>Sends a signal, by its name without SIG; it has been delivered on return.</summary>
    public void Send(string signal)
    {
        if (ProcessId == 0)
        {
            throw new InvalidOperationException($"{_name} does not run.");
        }
        var pid = ProcessId.ToString(CultureInfo.InvariantCulture);
        using var kill = Process.Start("/bin/sh", ["-c", "kill -s \"$1\" \"$2\"", "sh", signal, pid]);
        kill.WaitForExit();
    }

    /// <summary>Sends a signal that ends the server and returns once it has ended.</summary>
    public async Task StopAsync(string signal)
    {
        Send(signal);
        await _run.Exited.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        _supervisor.StandardInput.Close();
        await _supervisor.WaitForExitAsync();
        await _reading;
        _supervisor.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _supervisor.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                Take(line);
            }
        }
        lock (_lock)
        {
            _run.End();
        }
    }

    private void Take(string line)
    {
        if (line.StartsWith("supervisor: pid ", StringComparison.Ordinal))
        {
            _run.ProcessId = int.Parse(line.AsSpan("supervisor: pid ".Length), CultureInfo.InvariantCulture);
            return;
        }
        if (line.StartsWith("supervisor: exit ", StringComparison.Ordinal))
        {
            _run.End();
            return;
        }
        _output.Enqueue(line);
        if (_output.Count > KeptLines)
        {
            _output.Dequeue();
        }
        if (line.Contains(_run.ReadyText, StringComparison.Ordinal))
        {
            _run.Ready.TrySetResult(true);
        }
    }

    private static string ReadSupervisor()
    {
        using var stream = typeof(ServerProcess).Assembly.GetManifestResourceStream("supervisor.sh")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private sealed class Run(string readyText)
    {
        public static Run Ended
        {
            get
            {
                var run = new Run("");
                run.End();
                return run;
            }
        }

        public string ReadyText { get; } = readyText;

        public int ProcessId { get; set; }

        public TaskCompletionSource<bool> Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Exited { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End()
        {
            Ready.TrySetResult(false);
            Exited.TrySetResult();
        }
    }
}
