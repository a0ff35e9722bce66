using Akka.Actor;
using Akka.Event;

namespace Akka.Streams.Implementation.Fusing;

/// <summary>Gives an island its turns, and stops when all its stages have ended.</summary>
internal sealed class IslandActor(Island island, ILoggingAdapter? debug) : UntypedActor
{
    /// <summary>There is something to do.</summary>
    public static readonly object Resume = new ResumeMessage();

    protected override void PreStart()
    {
        debug?.Debug("Stream actor [{0}] starts", Self);
        island.Start(Self);
        StopIfCompleted();
    }

    protected override void OnReceive(object message)
    {
        if (message is not ResumeMessage)
        {
            Unhandled(message);
            return;
        }
        island.Run();
        StopIfCompleted();
    }

    protected override void PostStop()
    {
        island.Stop(new AbruptTerminationException(Self));
        debug?.Debug("Stream actor [{0}] has stopped", Self);
    }

    private void StopIfCompleted()
    {
        if (island.IsCompleted)
            Context.Stop(Self);
    }

    private sealed class ResumeMessage : INoSerializationVerificationNeeded, IDeadLetterSuppression;
}
