using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Hatchery.Server;

/// <summary>How the server logs: one line an entry, on stderr, so that stdout says only what a script waits for.</summary>
internal static class ServerLog
{
    public static void Configure(ILoggingBuilder log, LogLevel level)
    {
        log.SetMinimumLevel(level);
        log.AddFilter("Microsoft", LogLevel.Warning);
        log.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        log.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            // Whoever reads the log may stop reading; the machines' disks must not wait for him.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
    }
}
