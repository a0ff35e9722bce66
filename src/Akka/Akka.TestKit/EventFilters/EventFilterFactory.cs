using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit.Internal;
using Akka.TestKit.Internal.StringMatcher;

namespace Akka.TestKit;

/// <summary>Makes event filters: each of the texts has to fit where it is given.</summary>
public class EventFilterFactory
{
    private readonly TestKitBase testkit;
    private readonly ActorSystem system;
    private readonly IReadOnlyList<EventFilterBase> filters;

    public EventFilterFactory(TestKitBase testkit)
        : this(testkit, testkit.Sys) { }

    public EventFilterFactory(TestKitBase testkit, ActorSystem system)
        : this(testkit, system, []) { }

    /// <summary>A factory whose filters pick also what <paramref name="filters"/> pick.</summary>
    public EventFilterFactory(TestKitBase testkit, ActorSystem system, IReadOnlyList<EventFilterBase> filters)
    {
        this.testkit = testkit;
        this.system = system;
        this.filters = filters;
    }

    public IEventFilterApplier Debug(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    ) => ForLogLevel(LogLevel.DebugLevel, message, start, contains, source);

    public IEventFilterApplier Debug(Regex pattern, string? source = null) =>
        ForLogLevel(LogLevel.DebugLevel, pattern, source);

    public IEventFilterApplier Info(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    ) => ForLogLevel(LogLevel.InfoLevel, message, start, contains, source);

    public IEventFilterApplier Info(Regex pattern, string? source = null) =>
        ForLogLevel(LogLevel.InfoLevel, pattern, source);

    public IEventFilterApplier Warning(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    ) => ForLogLevel(LogLevel.WarningLevel, message, start, contains, source);

    public IEventFilterApplier Warning(Regex pattern, string? source = null) =>
        ForLogLevel(LogLevel.WarningLevel, pattern, source);

    public IEventFilterApplier Error(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    ) => ForLogLevel(LogLevel.ErrorLevel, message, start, contains, source);

    public IEventFilterApplier Error(Regex pattern, string? source = null) =>
        ForLogLevel(LogLevel.ErrorLevel, pattern, source);

    /// <summary>Log events of one level.</summary>
    public IEventFilterApplier ForLogLevel(
        LogLevel logLevel,
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    ) => Applier(new LevelFilter(logLevel, CreateMessageMatcher(message, start, contains), Source(source)));

    /// <inheritdoc cref="ForLogLevel(LogLevel, string, string, string, string)"/>
    public IEventFilterApplier ForLogLevel(LogLevel logLevel, Regex pattern, string? source = null) =>
        Applier(new LevelFilter(logLevel, new RegexMatcher(pattern), Source(source)));

    /// <summary>Errors caused by a <typeparamref name="TException"/>.</summary>
    public IEventFilterApplier Exception<TException>(
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null
    )
        where TException : Exception => Exception(typeof(TException), message, start, contains, source);

    /// <inheritdoc cref="Exception{TException}(string, string, string, string)"/>
    public IEventFilterApplier Exception<TException>(Regex pattern, string? source = null)
        where TException : Exception => Exception(typeof(TException), pattern, source);

    /// <summary>Errors caused by an <paramref name="exceptionType"/>.</summary>
    public IEventFilterApplier Exception(
        Type exceptionType,
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null,
        bool checkInnerExceptions = false
    ) =>
        Applier(
            new ErrorFilter(
                exceptionType,
                CreateMessageMatcher(message, start, contains),
                Source(source),
                checkInnerExceptions
            )
        );

    /// <inheritdoc cref="Exception(Type, string, string, string, string, bool)"/>
    public IEventFilterApplier Exception(
        Type exceptionType,
        Regex pattern,
        string? source = null,
        bool checkInnerExceptions = false
    ) => Applier(new ErrorFilter(exceptionType, new RegexMatcher(pattern), Source(source), checkInnerExceptions));

    /// <summary>All dead letters.</summary>
    public IEventFilterApplier DeadLetter() => Applier(new DeadLettersFilter(null, null));

    /// <summary>Dead letters that are a <typeparamref name="TMessage"/>.</summary>
    public IEventFilterApplier DeadLetter<TMessage>(string? source = null) =>
        DeadLetter<TMessage>(static _ => true, source);

    /// <summary>Dead letters that are a <typeparamref name="TMessage"/> and satisfy <paramref name="isMatch"/>.</summary>
    public IEventFilterApplier DeadLetter<TMessage>(Func<TMessage, bool> isMatch, string? source = null) =>
        Applier(new DeadLettersFilter(null, Source(source), letter => letter.Message is TMessage m && isMatch(m)));

    /// <summary>Log events that satisfy <paramref name="predicate"/>.</summary>
    public IEventFilterApplier Custom(Predicate<LogEvent> predicate) => Applier(new CustomEventFilter(predicate));

    /// <inheritdoc cref="Custom(Predicate{LogEvent})"/>
    public IEventFilterApplier Custom<TLogEvent>(Predicate<TLogEvent> predicate)
        where TLogEvent : LogEvent => Custom(e => e is TLogEvent logEvent && predicate(logEvent));

    protected static IStringMatcher? CreateMessageMatcher(string? message, string? start, string? contains) =>
        message is not null ? new EqualsString(message)
        : start is not null ? new StartsWithString(start)
        : contains is not null ? new ContainsString(contains)
        : null;

    private static EqualsString? Source(string? source) => source is null ? null : new EqualsString(source);

    private InternalEventFilterApplier Applier(EventFilterBase filter) => new(testkit, system, [.. filters, filter]);
}
