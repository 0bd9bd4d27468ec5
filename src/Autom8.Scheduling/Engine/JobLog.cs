using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Autom8.Scheduling.Engine;

/// <summary>What a job logs: handed on, and the last of it kept for the execution.</summary>
internal sealed class JobLog(ILogger next, StoreClock clock) : ILogger
{
    public const int MaxLength = 16_384;

    private readonly StringBuilder _text = new();

    public string? Text
    {
        get
        {
            lock (_text)
            {
                return _text.Length == 0 ? null : _text.ToString();
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => next.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (next.IsEnabled(logLevel))
        {
            next.Log(logLevel, eventId, state, exception, formatter);
        }

        if (!IsEnabled(logLevel))
        {
            return;
        }

        var line = string.Create(
                CultureInfo.InvariantCulture,
                $"{clock.UtcNow:HH:mm:ss.fff} {logLevel}: {formatter(state, exception)}{(exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})")}\n"
            )
            .Replace('\0', '\uFFFD');
        lock (_text)
        {
            _text.Append(line);
            if (_text.Length > MaxLength)
            {
                _text.Remove(0, _text.Length - MaxLength);
            }
        }
    }
}
