using Akka.Event;

namespace Akka.TestKit;

/// <summary>Picks log events.</summary>
public interface IEventFilter
{
    /// <summary>Whether <paramref name="logEvent"/> is picked; a filter may count it.</summary>
    bool Apply(LogEvent logEvent);
}
