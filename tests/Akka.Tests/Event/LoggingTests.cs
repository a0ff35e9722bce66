using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Tests.Event;

public sealed class LoggingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_configured_logger_gets_the_lines_of_its_level_and_above()
    {
        var system = Create("INFO");
        var log = Logging.GetLogger(system, "the test");
        var lines = Collector.Of(system);
        log.Debug("not this");
        log.Info("number {0} of {1}", 1, "many");
        log.Error(new InvalidOperationException("why"), "it failed");

        var info = await lines.Next(e => e.LogSource.StartsWith("the test", StringComparison.Ordinal));
        Assert.Equal((LogLevel.InfoLevel, "number 1 of many"), (info.LogLevel(), info.Message.ToString()));
        var error = await lines.Next(e => e.LogSource.StartsWith("the test", StringComparison.Ordinal));
        Assert.Equal("why", Assert.IsType<Error>(error).Cause!.Message);
        Assert.False(log.IsDebugEnabled);
        Assert.True(log.IsInfoEnabled);
        await system.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public async Task An_actor_logs_under_its_path_and_class()
    {
        var system = Create("DEBUG");
        var lines = Collector.Of(system);
        system.ActorOf(Props.Create(() => new Talking()), "talker").Tell("hello");
        var line = await lines.Next(e => e.LogClass == typeof(Talking) && e.Message.ToString() == "hello");
        Assert.Equal("akka://logs/user/talker", line.LogSource);
        await system.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public async Task A_failure_is_logged_by_its_supervisor()
    {
        var system = Create("INFO");
        var lines = Collector.Of(system);
        system.ActorOf(Props.Create(() => new Talking()), "talker").Tell(7);
        var line = await lines.Next(e => e is Error);
        Assert.Equal(("akka://logs/user/talker", "seven"), (line.LogSource, line.Cause!.Message));
        await system.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public async Task Dead_letters_are_logged()
    {
        var system = Create("INFO");
        var lines = Collector.Of(system);
        await system.ActorSelection("/system/deadLetterListener").ResolveOne(Patience);
        system.DeadLetters.Tell("lost", ActorRefs.NoSender);
        var line = await lines.Next(e =>
            e is Info && e.Message.ToString()!.Contains("String", StringComparison.Ordinal)
        );
        Assert.Contains("dead letters encountered", line.Message.ToString(), StringComparison.Ordinal);
        await system.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public void A_logger_that_is_not_there_fails_the_start() =>
        Assert.ThrowsAny<Exception>(() => ActorSystem.Create("logs", "akka.loggers = [\"No.Such, Logger\"]"));

    [Theory]
    [InlineData("DEBUG", LogLevel.DebugLevel)]
    [InlineData("info", LogLevel.InfoLevel)]
    [InlineData("Warning", LogLevel.WarningLevel)]
    [InlineData("ERROR", LogLevel.ErrorLevel)]
    public void Levels_have_names(string name, LogLevel level) => Assert.Equal(level, Logging.LogLevelFor(name));

    private static ActorSystem Create(string level) =>
        ActorSystem.Create(
            "logs",
            ConfigurationFactory.ParseString(
                $"akka.loglevel = {level}, akka.stdout-loglevel = OFF, akka.loggers = [\"{typeof(Collector).AssemblyQualifiedName}\"]"
            )
        );

    private sealed class Talking : ReceiveActor
    {
        private readonly ILoggingAdapter _log = Context.GetLogger();

        public Talking()
        {
            Receive<string>(text => _log.Debug(text));
            Receive<int>(_ => throw new InvalidOperationException("seven"));
        }
    }
}

/// <summary>A logger that keeps the lines for its test.</summary>
public sealed class Collector : ReceiveActor
{
    private static readonly global::System.Runtime.CompilerServices.ConditionalWeakTable<ActorSystem, Lines> All = [];

    public Collector()
    {
        var lines = Of(Context.System);
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(line => lines.Add(line));
    }

    public static Lines Of(ActorSystem system) => All.GetOrCreateValue(system);

    public sealed class Lines
    {
        private readonly global::System.Threading.Channels.Channel<LogEvent> _lines =
            global::System.Threading.Channels.Channel.CreateUnbounded<LogEvent>();

        public void Add(LogEvent line) => _lines.Writer.TryWrite(line);

        public async Task<LogEvent> Next(Predicate<LogEvent> fits)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            while (true)
            {
                var line = await _lines.Reader.ReadAsync(limit.Token);
                if (fits(line))
                    return line;
            }
        }
    }
}
