using System.Diagnostics;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>A thread that removes a thousand tags a second, each from every cache. None of them is on an entry.</summary>
internal sealed class TagNoise : IDisposable
{
    private const int PerSecond = 1000;
    private static readonly string[] Tags = [.. Enumerable.Range(0, 256).Select(number => $"other:{number}")];

    private readonly Func<string, Task>[] _removals;
    private readonly Thread _thread;
    private volatile bool _stopped;
    private Exception? _failure;

    public TagNoise(params Func<string, Task>[] removals)
    {
        _removals = removals;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        if (_failure is not null)
        {
            throw new InvalidOperationException("The removals of tags failed.", _failure);
        }
    }

    private void Run()
    {
        try
        {
            var begin = Stopwatch.GetTimestamp();
            for (long done = 0; !_stopped; Thread.Sleep(1))
            {
                for (var due = (long)(Stopwatch.GetElapsedTime(begin).TotalSeconds * PerSecond); done < due; done++)
                {
                    foreach (var remove in _removals)
                    {
                        remove(Tags[done % Tags.Length]).GetAwaiter().GetResult();
                    }
                }
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }
}
