using Akka.Actor;

namespace Akka.Persistence;

internal sealed class RequestRecoveryPermit
{
    public static readonly RequestRecoveryPermit Instance = new();
}

internal sealed class RecoveryPermitGranted
{
    public static readonly RecoveryPermitGranted Instance = new();
}

internal sealed class ReturnRecoveryPermit
{
    public static readonly ReturnRecoveryPermit Instance = new();
}

/// <summary>
/// Bounds how many actors recover at once, so that a node that starts thousands of them does not flood its journal.
/// A holder that dies gives its permit back.
/// </summary>
internal sealed class RecoveryPermitter : ActorBase
{
    private readonly int _maxPermits;
    private readonly HashSet<IActorRef> _holders = [];
    private readonly LinkedList<IActorRef> _waiting = new();

    public RecoveryPermitter(int maxPermits) => _maxPermits = maxPermits;

    public static Props Props(int maxPermits) => Akka.Actor.Props.Create(() => new RecoveryPermitter(maxPermits));

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case RequestRecoveryPermit:
                Request(Sender);
                return true;
            case ReturnRecoveryPermit:
                Context.Unwatch(Sender);
                Return(Sender);
                return true;
            case Terminated terminated:
                _waiting.Remove(terminated.ActorRef);
                Return(terminated.ActorRef);
                return true;
            default:
                return false;
        }
    }

    private void Request(IActorRef actor)
    {
        Context.Watch(actor);
        if (_holders.Count < _maxPermits)
            Grant(actor);
        else
            _waiting.AddLast(actor);
    }

    private void Grant(IActorRef actor)
    {
        _holders.Add(actor);
        actor.Tell(RecoveryPermitGranted.Instance, Self);
    }

    private void Return(IActorRef actor)
    {
        if (!_holders.Remove(actor) || _waiting.First is not { } next)
            return;
        _waiting.RemoveFirst();
        Grant(next.Value);
    }
}
