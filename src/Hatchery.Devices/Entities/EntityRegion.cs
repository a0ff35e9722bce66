using Akka.Actor;

namespace Hatchery.Devices;

/// <summary>Starts entities on demand, one actor an id, and passes each message on by <see cref="FarmMessageExtractor"/>.</summary>
public sealed class EntityRegion : ReceiveActor
{
    public EntityRegion(Func<string, Props> entity)
    {
        Receive<IFarmMessage>(message =>
        {
            var id = FarmMessageExtractor.EntityId(message)!;
            var child = Context.Child(id);
            (child.IsNobody() ? Context.ActorOf(entity(id), id) : child).Forward(message);
        });
    }

    /// <summary>An entity that failed is started again by its next message, not before: its journal may be away.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);
}
