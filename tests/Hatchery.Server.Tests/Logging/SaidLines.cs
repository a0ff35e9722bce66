using Microsoft.Extensions.Logging;

namespace Hatchery.Server.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class SaidLines : ILoggerProvider, ILogger
{
    public List<string> Said { get; } = [];

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
    ) => Said.Add(formatter(state, exception));
}
