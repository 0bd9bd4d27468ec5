using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Monitoring;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Scheduling.Tests.Alerts;

/// <summary>A dispatcher on virtual time, what it logs and what it counts.</summary>
internal sealed class AlertDelivery : IAsyncDisposable, ILoggerProvider
{
    private readonly ServiceProvider _services;
    private readonly MeterListener _meter = new();
    private readonly HashSet<string> _sinks;
    private readonly ConcurrentDictionary<(string Sink, string Result), long> _counts = new();

    public AlertDelivery(AlertOptions? options, params IAlertSink[] sinks)
    {
        _sinks = [.. sinks.Select(s => s.Name)];
        _services = new ServiceCollection().AddLogging(b => b.AddProvider(this)).BuildServiceProvider();
        _meter.InstrumentPublished = static (instrument, l) =>
        {
            if (instrument is { Meter.Name: "Autom8.Scheduling", Name: "autom8.scheduling.alerts" })
                l.EnableMeasurementEvents(instrument);
        };
        _meter.SetMeasurementEventCallback<long>((_, value, tags, _) => Measured(value, tags));
        _meter.Start();
        Dispatcher = new(sinks, options ?? new(), Time, new SchedulingLogger(_services));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero));

    public AlertDispatcher Dispatcher { get; }

    public ConcurrentQueue<string> Log { get; } = new();

    public long Count(string sink, string result) => _counts.GetValueOrDefault((sink, result));

    public Task StartAsync() => Dispatcher.StartingAsync(default);

    public void Publish(params IEnumerable<int> numbers)
    {
        foreach (int number in numbers)
            Dispatcher.Publish(SchedulerAlertTests.Alert(number));
    }

    /// <summary>Waits without moving the clock: what is asked for must come about by itself.</summary>
    public static Task UntilAsync(Func<bool> condition) => UntilAsync(condition, static () => { });

    /// <summary>Moves the clock until something has come about.</summary>
    public Task AdvanceUntilAsync(Func<bool> condition) => UntilAsync(condition, () => Time.Advance(TimeSpan.FromMilliseconds(50)));

    /// <summary>Stops, moving the clock as far as it takes.</summary>
    public async Task StopAsync()
    {
        var stopping = Dispatcher.StoppedAsync(default);
        await AdvanceUntilAsync(() => stopping.IsCompleted);
        await stopping;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Dispatcher.Dispose();
        _meter.Dispose();
        await _services.DisposeAsync();
    }

    public ILogger CreateLogger(string categoryName) => new Logger(Log);

    public void Dispose() { }

    private static async Task UntilAsync(Func<bool> condition, Action meanwhile)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), "It never came about.");
            meanwhile();
            await Task.Yield();
        }
    }

    private void Measured(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (sink, result) = ("", "");
        foreach (var tag in tags)
        {
            if (tag.Key == "sink")
                sink = (string)tag.Value!;
            else if (tag.Key == "result")
                result = (string)tag.Value!;
        }
        // Other tests measure too, at the same time: they have sinks of other names.
        if (_sinks.Contains(sink))
            _counts.AddOrUpdate((sink, result), value, (_, sum) => sum + value);
    }

    private sealed class Logger(ConcurrentQueue<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => log.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");
    }
}
