using Akka.Actor.Internal;

namespace Akka.Actor;

/// <summary>Makes and resolves references; the seam for systems that reach others.</summary>
public interface IActorRefProvider
{
    /// <summary>The root of the tree.</summary>
    IInternalActorRef RootGuardian { get; }

    /// <summary>The parent of all actors of the application.</summary>
    LocalActorRef Guardian { get; }

    /// <summary>The parent of the engine's own actors.</summary>
    LocalActorRef SystemGuardian { get; }

    /// <summary>Where messages go that nobody can receive.</summary>
    IActorRef DeadLetters { get; }

    /// <summary>Takes everything and does nothing.</summary>
    IActorRef IgnoreRef { get; }

    /// <summary>The path of the root.</summary>
    ActorPath RootPath { get; }

    /// <summary>The settings.</summary>
    Settings Settings { get; }

    /// <summary>What the configuration says of single paths.</summary>
    Deployer Deployer { get; }

    /// <summary>The parent of short-lived references.</summary>
    IInternalActorRef TempContainer { get; }

    /// <summary>Done when the root has stopped.</summary>
    Task TerminationTask { get; }

    /// <summary>The address by which others know this system.</summary>
    Address DefaultAddress { get; }

    /// <summary>What a reference is written with for others.</summary>
    Akka.Serialization.Information SerializationInformation { get; }

    /// <summary>Makes the guardians.</summary>
    void Init(ActorSystemImpl system);

    /// <summary>A new path for a short-lived reference.</summary>
    ActorPath TempPath();

    /// <summary>Puts a short-lived reference into the tree.</summary>
    void RegisterTempActor(IInternalActorRef actorRef, ActorPath path);

    /// <summary>Takes it out again.</summary>
    void UnregisterTempActor(ActorPath path);

    /// <summary>Makes an actor.</summary>
    IInternalActorRef ActorOf(
        ActorSystemImpl system,
        Props props,
        IInternalActorRef supervisor,
        ActorPath path,
        bool systemService,
        Deploy? deploy,
        bool lookupDeploy,
        bool async
    );

    /// <summary>The actor of a path, or a reference that leads to dead letters.</summary>
    IActorRef ResolveActorRef(string path);

    /// <summary>The actor of a path, or a reference that leads to dead letters.</summary>
    IActorRef ResolveActorRef(ActorPath actorPath);

    /// <summary>The root of the system at an address.</summary>
    IActorRef RootGuardianAt(Address address);

    /// <summary>The address by which the system at <paramref name="address"/> knows this one; null when it cannot.</summary>
    Address? GetExternalAddressFor(Address address);
}
