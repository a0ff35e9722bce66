using Akka.Actor.Internal;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor;

/// <summary>A tree of actors with what they share: configuration, threads, scheduler, log.</summary>
public abstract class ActorSystem : IActorRefFactory, IDisposable
{
    private bool _disposed;

    /// <summary>The name.</summary>
    public abstract string Name { get; }

    /// <summary>The settings.</summary>
    public abstract Settings Settings { get; }

    /// <summary>The log of the system itself.</summary>
    public abstract ILoggingAdapter Log { get; }

    /// <summary>When it started, on the monotonic clock.</summary>
    public abstract TimeSpan StartTime { get; }

    /// <summary>How long it has run.</summary>
    public abstract TimeSpan Uptime { get; }

    /// <summary>Where messages go that nobody can receive.</summary>
    public abstract IActorRef DeadLetters { get; }

    /// <summary>Takes everything and does nothing.</summary>
    public abstract IActorRef IgnoreRef { get; }

    /// <summary>The serialisers.</summary>
    public abstract Serialization.Serialization Serialization { get; }

    /// <summary>The bus for events and log.</summary>
    public abstract EventStream EventStream { get; }

    /// <summary>The dispatchers.</summary>
    public abstract Dispatchers Dispatchers { get; }

    /// <summary>The mailboxes.</summary>
    public abstract Mailboxes Mailboxes { get; }

    /// <summary>The scheduler.</summary>
    public abstract IScheduler Scheduler { get; }

    /// <summary>Done when all actors have stopped.</summary>
    public abstract Task WhenTerminated { get; }

    /// <summary>Starts a system with the default configuration.</summary>
    public static ActorSystem Create(string name) => Create(name, ActorSystemSetup.Empty);

    /// <summary>Starts a system with <paramref name="config"/> above the default configuration.</summary>
    public static ActorSystem Create(string name, Config config) => Start(name, config, ActorSystemSetup.Empty);

    /// <summary>Starts a system.</summary>
    public static ActorSystem Create(string name, BootstrapSetup setup) => Create(name, ActorSystemSetup.Create(setup));

    /// <summary>Starts a system.</summary>
    public static ActorSystem Create(string name, ActorSystemSetup setup)
    {
        var config = setup.Get<BootstrapSetup>().FlatSelect(bootstrap => bootstrap.Config);
        return Start(name, config.GetOrElse(Config.Empty), setup);
    }

    /// <summary>The extension of that id.</summary>
    public abstract object GetExtension(IExtensionId extensionId);

    /// <summary>The extension of that type, or null when it was not registered.</summary>
    public abstract T? GetExtension<T>()
        where T : class, IExtension;

    /// <summary>True when there is an extension of that type.</summary>
    public abstract bool HasExtension(Type type);

    /// <summary>True when there is an extension of that type.</summary>
    public abstract bool HasExtension<T>()
        where T : class, IExtension;

    /// <summary>The extension of that type; false when it was not registered.</summary>
    public abstract bool TryGetExtension(Type extensionType, out object? extension);

    /// <summary>The extension of that type; false when it was not registered.</summary>
    public abstract bool TryGetExtension<T>(out T? extension)
        where T : class, IExtension;

    /// <summary>Makes an extension, unless it is there; gives it.</summary>
    public abstract object? RegisterExtension(IExtensionId extension);

    /// <summary>Runs <paramref name="code"/> when all actors have stopped; the last registered runs first.</summary>
    public abstract void RegisterOnTermination(Action code);

    /// <summary>Stops all actors, in the phases of coordinated shutdown; done when all is stopped.</summary>
    public abstract Task Terminate();

    /// <summary>Stops one actor.</summary>
    public abstract void Stop(IActorRef actor);

    /// <inheritdoc/>
    public abstract IActorRef ActorOf(Props props, string? name = null);

    /// <inheritdoc/>
    public abstract ActorSelection ActorSelection(ActorPath actorPath);

    /// <inheritdoc/>
    public abstract ActorSelection ActorSelection(string actorPath);

    /// <summary>Terminates, and returns when all is stopped.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Terminate().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    private static ActorSystemImpl Start(string name, Config config, ActorSystemSetup setup)
    {
        var system = new ActorSystemImpl(name, config, setup);
        system.Start();
        return system;
    }
}

/// <summary>What extensions and the engine see of a system.</summary>
public abstract class ExtendedActorSystem : ActorSystem
{
    /// <summary>Makes references.</summary>
    public abstract IActorRefProvider Provider { get; }

    /// <summary>The parent of all actors of the application.</summary>
    public abstract IInternalActorRef Guardian { get; }

    /// <summary>Where lookups begin: the root.</summary>
    public abstract IInternalActorRef LookupRoot { get; }

    /// <summary>The parent of the engine's own actors.</summary>
    public abstract IInternalActorRef SystemGuardian { get; }

    /// <summary>Makes an actor below the system guardian.</summary>
    public abstract IActorRef SystemActorOf(Props props, string? name = null);

    /// <summary>Makes an actor below the system guardian.</summary>
    public abstract IActorRef SystemActorOf<TActor>(string? name = null)
        where TActor : ActorBase, new();

    internal abstract string PrintTree();
}
