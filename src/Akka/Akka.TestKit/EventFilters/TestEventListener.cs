using Akka.Actor;
using Akka.Event;
using Akka.TestKit.TestEvent;

namespace Akka.TestKit;

/// <summary>The logger of tests: shows log events and dead letters to event filters, and prints what none of them picks.</summary>
public class TestEventListener : DefaultLogger
{
    private readonly List<IEventFilter> filters = [];

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger initialize:
                foreach (
                    var type in new[] { typeof(Mute), typeof(Unmute), typeof(DeadLetter), typeof(UnhandledMessage) }
                )
                    initialize.LoggingBus.Subscribe(Self, type);
                Sender.Tell(new LoggerInitialized(), Self);
                return true;
            case Mute mute:
                filters.AddRange(mute.Filters);
                return true;
            case Unmute unmute:
                foreach (var filter in unmute.Filters)
                    filters.Remove(filter);
                return true;
            case LogEvent logEvent:
                if (!IsPicked(logEvent))
                    Print(logEvent);
                return true;
            case DeadLetter letter:
                IsPicked(new Warning(letter.Recipient.Path.ToString(), letter.Recipient.GetType(), letter));
                return true;
            case UnhandledMessage unhandled:
                IsPicked(
                    new Warning(
                        unhandled.Recipient.Path.ToString(),
                        unhandled.Recipient.GetType(),
                        $"Unhandled message from {unhandled.Sender}: {unhandled.Message}"
                    )
                );
                return true;
            default:
                return false;
        }
    }

    // Each filter sees each event, so that nested filters all count it.
    private bool IsPicked(LogEvent logEvent)
    {
        var picked = false;
        foreach (var filter in filters)
            picked |= filter.Apply(logEvent);
        return picked;
    }
}
