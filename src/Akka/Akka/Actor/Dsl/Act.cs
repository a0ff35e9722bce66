namespace Akka.Actor.Dsl;

/// <summary>An actor that a delegate sets up each time it is made.</summary>
public sealed class Act : ReceiveActor, IActorDsl
{
    public Act(Action<IActorDsl> config) => config(this);

    public Act(Action<IActorDsl, IActorContext> config) => config(this, Context);

    public Action<Exception, IActorContext>? OnPostRestart { get; set; }

    public Action<Exception, object?, IActorContext>? OnPreRestart { get; set; }

    public Action<IActorContext>? OnPostStop { get; set; }

    public Action<IActorContext>? OnPreStart { get; set; }

    public SupervisorStrategy? Strategy { get; set; }

    public void Receive<T>(Action<T, IActorContext> handler) => Receive<T>(message => handler(message, Context));

    public void Receive<T>(Action<T, IActorContext> handler, Predicate<T>? shouldHandle) =>
        Receive(message => handler(message, Context), shouldHandle);

    public void Receive<T>(Predicate<T> shouldHandle, Action<T, IActorContext> handler) =>
        Receive(handler, shouldHandle);

    public void ReceiveAny(Action<object, IActorContext> handler) => ReceiveAny(message => handler(message, Context));

    public void ReceiveAsync<T>(Func<T, IActorContext, Task> handler, Predicate<T>? shouldHandle = null) =>
        ReceiveAsync(message => handler(message, Context), shouldHandle);

    public void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, IActorContext, Task> handler) =>
        ReceiveAsync(handler, shouldHandle);

    public void ReceiveAnyAsync(Func<object, IActorContext, Task> handler) =>
        ReceiveAnyAsync(message => handler(message, Context));

    public void DefaultPreRestart(Exception reason, object? message) => base.PreRestart(reason, message);

    public void DefaultPostRestart(Exception reason) => base.PostRestart(reason);

    public void DefaultPreStart() => base.PreStart();

    public void DefaultPostStop() => base.PostStop();

    public void Become(Action<object, IActorContext> handler) => Become(Untyped(handler));

    public void BecomeStacked(Action<object, IActorContext> handler) => BecomeStacked(Untyped(handler));

    public IActorRef ActorOf(Action<IActorDsl> config, string? name = null) => Context.ActorOf(config, name);

    void IActorDsl.UnbecomeStacked() => UnbecomeStacked();

    /// <inheritdoc/>
    protected override void PreStart()
    {
        if (OnPreStart is { } replaced)
            replaced(Context);
        else
            base.PreStart();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        if (OnPostStop is { } replaced)
            replaced(Context);
        else
            base.PostStop();
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object? message)
    {
        if (OnPreRestart is { } replaced)
            replaced(reason, message, Context);
        else
            base.PreRestart(reason, message);
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        if (OnPostRestart is { } replaced)
            replaced(reason, Context);
        else
            base.PostRestart(reason);
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => Strategy ?? base.SupervisorStrategy();

    private static UntypedReceive Untyped(Action<object, IActorContext> handler) =>
        message => handler(message, Context);
}

/// <summary>Makes actors from delegates.</summary>
public static class ActExtensions
{
    /// <summary>Makes an actor that <paramref name="config"/> sets up.</summary>
    public static IActorRef ActorOf(this IActorRefFactory factory, Action<IActorDsl> config, string? name = null) =>
        factory.ActorOf(Props.Create(() => new Act(config)), name);

    /// <inheritdoc cref="ActorOf(IActorRefFactory, Action{IActorDsl}, string)"/>
    public static IActorRef ActorOf(
        this IActorRefFactory factory,
        Action<IActorDsl, IActorContext> config,
        string? name = null
    ) => factory.ActorOf(Props.Create(() => new Act(config)), name);
}
