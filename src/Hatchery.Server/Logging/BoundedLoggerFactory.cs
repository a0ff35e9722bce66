using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>
/// A log that no stranger on the network can flood: of each kind of message only so many are written in ten seconds, and then how
/// many more there were. Critical ones are always written.
/// </summary>
internal sealed class BoundedLoggerFactory(ILoggerFactory inner, TimeProvider time) : ILoggerFactory
{
    /// <summary>Messages of one kind (category and event id) in ten seconds.</summary>
    public const int MessagesMax = 200;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, BoundedLogger> _loggers = new(StringComparer.Ordinal);

    public ILogger CreateLogger(string categoryName) =>
        _loggers.GetOrAdd(categoryName, name => new BoundedLogger(inner.CreateLogger(name), time));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    private sealed class BoundedLogger(ILogger log, TimeProvider time) : ILogger
    {
        private readonly ConcurrentDictionary<int, Window> _windows = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (!log.IsEnabled(logLevel))
                return;
            if (logLevel < LogLevel.Critical)
            {
                var mayWrite = _windows.GetOrAdd(eventId.Id, _ => new()).TryTake(time, out var suppressed);
                if (suppressed > 0)
                    Server.Log.Suppressed(log, suppressed, eventId.Id);
                if (!mayWrite)
                    return;
            }
            log.Log(logLevel, eventId, state, exception, formatter);
        }
    }

    private sealed class Window
    {
        private readonly Lock _gate = new();
        private long? _began;
        private int _count;

        /// <param name="suppressed">How many were not written in the window before this one.</param>
        public bool TryTake(TimeProvider time, out int suppressed)
        {
            suppressed = 0;
            lock (_gate)
            {
                if (_began is not { } began || time.GetElapsedTime(began) >= s_interval)
                {
                    suppressed = Math.Max(0, _count - MessagesMax);
                    (_began, _count) = (time.GetTimestamp(), 0);
                }
                return ++_count <= MessagesMax;
            }
        }
    }
}
