using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Event;
using Microsoft.Extensions.Logging;
using AkkaLevel = Akka.Event.LogLevel;
using Level = Microsoft.Extensions.Logging.LogLevel;

namespace Hatchery.Server;

/// <summary>Hands the actor systems' log to Microsoft.Extensions.Logging (HOCON <c>akka.loggers</c>).</summary>
public sealed class LogForwarder : ReceiveActor
{
    private readonly ILoggerFactory _logs;

    public LogForwarder()
    {
        _logs = Context.System.Settings.Setup.Get<LogForwarderSetup>().Value.Logs;
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(e => Forward(e));
    }

    private void Forward(LogEvent happened)
    {
        var log = _logs.CreateLogger(happened.LogClass.FullName ?? happened.LogClass.Name);
        var level = happened.LogLevel() switch
        {
            AkkaLevel.DebugLevel => Level.Debug,
            AkkaLevel.InfoLevel => Level.Information,
            AkkaLevel.WarningLevel => Level.Warning,
            _ => Level.Error,
        };
        Log.FromActor(log, level, happened.Cause, happened.LogSource, happened.Message);
    }
}

/// <summary>Where the forwarder of a system forwards to.</summary>
public sealed class LogForwarderSetup(ILoggerFactory logs) : Setup
{
    public ILoggerFactory Logs { get; } = logs;
}
