using Akka.Actor;

namespace Akka.Remote;

/// <summary>A message that goes before all others that wait for the same system, such as a heartbeat.</summary>
internal interface IPriorityMessage;

internal static class PriorityMessages
{
    public static bool IsPriority(object message) =>
        message is IPriorityMessage or ActorSelectionMessage { Message: IPriorityMessage };
}
