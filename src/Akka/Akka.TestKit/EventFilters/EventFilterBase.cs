using Akka.Event;
using Akka.TestKit.Internal.StringMatcher;

namespace Akka.TestKit.Internal;

/// <summary>Told each time a filter picks an event.</summary>
public delegate void EventMatched(EventFilterBase eventFilter, LogEvent logEvent);

/// <summary>Picks log events by message and source.</summary>
public abstract class EventFilterBase(IStringMatcher? messageMatcher, IStringMatcher? sourceMatcher) : IEventFilter
{
    private readonly IStringMatcher message = messageMatcher ?? MatchesAll.Instance;
    private readonly IStringMatcher source = sourceMatcher ?? MatchesAll.Instance;

    public event EventMatched? EventMatched;

    protected abstract string FilterDescriptiveName { get; }

    public bool Apply(LogEvent logEvent)
    {
        if (!IsMatch(logEvent))
            return false;
        OnEventMatched(logEvent);
        return true;
    }

    protected virtual void OnEventMatched(LogEvent logEvent) => EventMatched?.Invoke(this, logEvent);

    protected abstract bool IsMatch(LogEvent evt);

    /// <summary>Whether source and message are the ones looked for.</summary>
    protected bool InternalDoMatch(string src, object? msg) =>
        source.IsMatch(src) && message.IsMatch(msg?.ToString() ?? "null");

    public override string ToString() => $"{FilterDescriptiveName} {message} {source}".TrimEnd();
}

/// <summary>Picks events of one level.</summary>
internal sealed class LevelFilter(LogLevel level, IStringMatcher? message, IStringMatcher? source)
    : EventFilterBase(message, source)
{
    protected override string FilterDescriptiveName => Logging.StringFor(level);

    protected override bool IsMatch(LogEvent evt) =>
        evt.LogLevel() == level && InternalDoMatch(evt.LogSource, evt.Message);
}

/// <summary>Picks errors with a cause of one type.</summary>
public sealed class ErrorFilter : EventFilterBase
{
    private readonly Type? exceptionType;
    private readonly bool recurseInnerExceptions;

    public ErrorFilter(IStringMatcher? messageMatcher = null, IStringMatcher? sourceMatcher = null)
        : base(messageMatcher, sourceMatcher) { }

    /// <summary>Picks errors by their cause.</summary>
    /// <param name="exceptionType">The type of the cause, or a base of it.</param>
    /// <param name="messageMatcher">What the event's or the cause's message has to be.</param>
    /// <param name="sourceMatcher">What the source has to be.</param>
    /// <param name="recurseInnerExceptions">Whether a cause of the cause counts too.</param>
    public ErrorFilter(
        Type? exceptionType,
        IStringMatcher? messageMatcher = null,
        IStringMatcher? sourceMatcher = null,
        bool recurseInnerExceptions = false
    )
        : base(messageMatcher, sourceMatcher)
    {
        this.exceptionType = exceptionType;
        this.recurseInnerExceptions = recurseInnerExceptions;
    }

    protected override string FilterDescriptiveName => "Error";

    protected override bool IsMatch(LogEvent evt)
    {
        if (evt is not Error error)
            return false;
        if (exceptionType is null)
            return InternalDoMatch(error.LogSource, error.Message);
        for (var cause = error.Cause; cause is not null; cause = recurseInnerExceptions ? cause.InnerException : null)
        {
            if (
                exceptionType.IsInstanceOfType(cause)
                && (InternalDoMatch(error.LogSource, error.Message) || InternalDoMatch(error.LogSource, cause.Message))
            )
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>Picks what a predicate picks.</summary>
public class CustomEventFilter(Predicate<LogEvent> predicate) : EventFilterBase(null, null)
{
    protected override string FilterDescriptiveName => "Custom";

    protected override bool IsMatch(LogEvent evt) => predicate(evt);
}
