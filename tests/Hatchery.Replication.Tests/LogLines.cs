using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Hatchery.Replication.Tests;

/// <summary>Keeps what was logged.</summary>
internal sealed class LogLines : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> With(string text) =>
        [.. _lines.Where(l => l.Contains(text, StringComparison.Ordinal))];

    public override string ToString() => string.Join('\n', _lines);

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

    public ILogger<T> As<T>() => new Typed<T>(this);

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
