using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Autom8.Testing.Scheduling;

/// <summary>A <see cref="DrillNode"/>, or a <see cref="SqliteDrillNode"/>, as a process of its own, to be killed, frozen and stopped.</summary>
public sealed class SchedulerProcess : IDisposable
{
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private SchedulerProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Note(e.Data);
        _process.ErrorDataReceived += (_, e) => Note(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Its process id, which it calls itself in the table of starts.</summary>
    public int Id => _process.Id;

    /// <summary>What it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts one; it joins the others when it is ready.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="name">What the node is called.</param>
    /// <param name="program">A program that takes what this project's own one takes; null for that one, where its frameworks are at hand.</param>
    public static SchedulerProcess Start(string connectionString, string name, string? program = null) =>
        Launch(program, "scheduler-node", connectionString, name);

    /// <summary>Starts one that has a SQLite file for itself.</summary>
    /// <param name="connectionString">The file.</param>
    public static SchedulerProcess StartOnSqlite(string connectionString) => Launch(null, "sqlite-scheduler-node", connectionString);

    /// <summary>Kills it: it cannot do anything about it.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>STOP freezes it, CONT lets it go on, TERM asks it to end.</summary>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Returns when it has ended.</summary>
    public async Task ExitedAsync() => await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static SchedulerProcess Launch(string? program, params string[] arguments)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        program ??= Path.Combine(AppContext.BaseDirectory, typeof(DrillNode).Assembly.GetName().Name + ".dll");
        return new(
            new ProcessStartInfo(dotnet, ["exec", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true }
        );
    }

    private void Note(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
