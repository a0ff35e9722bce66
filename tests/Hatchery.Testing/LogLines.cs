using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Hatchery.Testing;

/// <summary>Keeps what was logged, of all categories and levels.</summary>
public sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>A snapshot.</summary>
    public IReadOnlyList<string> All => [.. _lines];

    public IReadOnlyList<string> With(string text) =>
        [.. _lines.Where(l => l.Contains(text, StringComparison.Ordinal))];

    public IReadOnlyList<string> Without(string text) =>
        [.. _lines.Where(l => !l.Contains(text, StringComparison.Ordinal))];

    public override string ToString() => string.Join('\n', _lines);

    public ILogger<T> As<T>() => new Typed<T>(this);

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose() { }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _lines.Enqueue(formatter(state, exception));

    private sealed class Typed<T>(LogLines lines) : ILogger<T>
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
        ) => lines.Log(logLevel, eventId, state, exception, formatter);
    }
}
