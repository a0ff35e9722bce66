namespace Akka.Actor;

/// <summary>Sends with the sender that the running code has.</summary>
public static class ActorRefImplicitSenderExtensions
{
    /// <summary>Sends from the actor that runs on this thread, if one does.</summary>
    public static void Tell(this IActorRef receiver, object message) =>
        receiver.Tell(message, ActorCell.Current?.Self ?? ActorRefs.NoSender);

    /// <summary>Sends on, as from the sender of the current message.</summary>
    public static void Forward(this IActorRef receiver, object message) =>
        receiver.Tell(message, ActorCell.Current?.Sender ?? ActorRefs.NoSender);
}

/// <summary>Conveniences for references.</summary>
public static class ActorRefExtensions
{
    /// <summary>True for no actor.</summary>
    public static bool IsNobody(this IActorRef? actorRef) => actorRef is null or Nobody;

    /// <summary>The reference, or what <paramref name="elseValue"/> gives when it is none.</summary>
    public static IActorRef GetOrElse(this IActorRef? actorRef, Func<IActorRef> elseValue) =>
        actorRef.IsNobody() ? elseValue() : actorRef!;
}

/// <summary>Conveniences for what makes and finds actors.</summary>
public static class ActorRefFactoryExtensions
{
    /// <summary>Makes an actor with its parameterless constructor.</summary>
    public static IActorRef ActorOf<TActor>(this IActorRefFactory factory, string? name = null)
        where TActor : ActorBase, new() => factory.ActorOf(Props.Create<TActor>(), name);

    /// <summary>The actors at a path below <paramref name="anchorRef"/>.</summary>
    public static ActorSelection ActorSelection(this IActorRefFactory factory, IActorRef anchorRef, string actorPath) =>
        ActorRefFactoryShared.ActorSelection(anchorRef, actorPath);
}
