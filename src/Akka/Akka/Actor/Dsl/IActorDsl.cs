namespace Akka.Actor.Dsl;

/// <summary>What an actor does, set from outside its class: its handlers, and what it does in its life cycle.</summary>
public interface IActorDsl
{
    /// <summary>Replaces what happens after a restart.</summary>
    Action<Exception, IActorContext>? OnPostRestart { get; set; }

    /// <summary>Replaces what happens before a restart.</summary>
    Action<Exception, object?, IActorContext>? OnPreRestart { get; set; }

    /// <summary>Replaces what happens after the stop.</summary>
    Action<IActorContext>? OnPostStop { get; set; }

    /// <summary>Replaces what happens before the first message.</summary>
    Action<IActorContext>? OnPreStart { get; set; }

    /// <summary>What happens when a child fails; null is the default.</summary>
    SupervisorStrategy? Strategy { get; set; }

    /// <summary>Takes messages of a type.</summary>
    void Receive<T>(Action<T, IActorContext> handler);

    /// <summary>Takes messages of a type that a condition holds for.</summary>
    void Receive<T>(Predicate<T> shouldHandle, Action<T, IActorContext> handler);

    /// <inheritdoc cref="Receive{T}(Predicate{T}, Action{T, IActorContext})"/>
    void Receive<T>(Action<T, IActorContext> handler, Predicate<T>? shouldHandle);

    /// <summary>Takes every message that no handler before it takes.</summary>
    void ReceiveAny(Action<object, IActorContext> handler);

    /// <summary>Takes messages of a type; the next message waits for the task.</summary>
    void ReceiveAsync<T>(Func<T, IActorContext, Task> handler, Predicate<T>? shouldHandle = null);

    /// <inheritdoc cref="ReceiveAsync{T}(Func{T, IActorContext, Task}, Predicate{T})"/>
    void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, IActorContext, Task> handler);

    /// <summary>Takes every message that no handler before it takes; the next message waits for the task.</summary>
    void ReceiveAnyAsync(Func<object, IActorContext, Task> handler);

    /// <summary>What an actor does by default before a restart.</summary>
    void DefaultPreRestart(Exception reason, object? message);

    /// <summary>What an actor does by default after a restart.</summary>
    void DefaultPostRestart(Exception reason);

    /// <summary>What an actor does by default before the first message.</summary>
    void DefaultPreStart();

    /// <summary>What an actor does by default after the stop.</summary>
    void DefaultPostStop();

    /// <summary>Replaces the current behaviour.</summary>
    void Become(Action<object, IActorContext> handler);

    /// <summary>Puts a behaviour on top of the current one.</summary>
    void BecomeStacked(Action<object, IActorContext> handler);

    /// <summary>Goes back to the behaviour below.</summary>
    void UnbecomeStacked();

    /// <summary>Makes a child that is set up in the same way.</summary>
    IActorRef ActorOf(Action<IActorDsl> config, string? name = null);
}
