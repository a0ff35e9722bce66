using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Tests;

/// <summary>Keeps what was logged.</summary>
internal sealed class LogLines<T> : ILogger<T>
{
    private readonly ConcurrentQueue<string> _lines = new();

    public override string ToString() => string.Join('\n', _lines);

    public string Without(string text) =>
        string.Join('\n', _lines.Where(l => !l.Contains(text, StringComparison.Ordinal)));

    public int Count(string text) => _lines.Count(l => l.Contains(text, StringComparison.Ordinal));

    public bool Has(string text) => _lines.Any(l => l.Contains(text, StringComparison.Ordinal));

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
}
