using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Remote;

/// <summary>Makes and resolves references to actors of this system and of others.</summary>
public interface IRemoteActorRefProvider : IActorRefProvider
{
    /// <summary>Watches actors of other systems on behalf of those of this one.</summary>
    IActorRef RemoteWatcher { get; }

    /// <summary>The settings of remoting.</summary>
    RemoteSettings RemoteSettings { get; }

    /// <summary>Carries messages between systems.</summary>
    RemoteTransport Transport { get; }

    /// <summary>The reference of a path that another system wrote, to which this one is <paramref name="localAddress"/>.</summary>
    IInternalActorRef ResolveActorRefWithLocalAddress(string path, Address localAddress);

    /// <summary>True for an address of this system.</summary>
    bool HasAddress(Address address);

    /// <summary>Cuts off one start of the system at <paramref name="address"/>.</summary>
    void Quarantine(Address address, int? uid);
}

/// <summary>Makes and resolves references to actors of this system and of others; <c>akka.actor.provider = remote</c>.</summary>
public class RemoteActorRefProvider : IRemoteActorRefProvider
{
    private readonly LocalActorRefProvider _local;
    private readonly EventStream _eventStream;
    private ActorSystemImpl _system = null!;
    private Remoting _transport = null!;
    private IActorRef _remoteWatcher = ActorRefs.Nobody;

    /// <summary>A provider for the system of that name.</summary>
    public RemoteActorRefProvider(string systemName, Settings settings, EventStream eventStream)
    {
        settings.InjectTopLevelFallback(
            ConfigurationFactory.FromResource("Akka.Remote.remote.conf", typeof(RemoteActorRefProvider).Assembly)
        );
        RemoteSettings = new RemoteSettings(settings.Config);
        _eventStream = eventStream;
        _local = new LocalActorRefProvider(systemName, settings, eventStream);
    }

    /// <inheritdoc/>
    public RemoteSettings RemoteSettings { get; }

    /// <inheritdoc/>
    public RemoteTransport Transport => _transport;

    /// <inheritdoc/>
    public IActorRef RemoteWatcher => _remoteWatcher;

    /// <inheritdoc/>
    public IInternalActorRef RootGuardian => _local.RootGuardian;

    /// <inheritdoc/>
    public LocalActorRef Guardian => _local.Guardian;

    /// <inheritdoc/>
    public LocalActorRef SystemGuardian => _local.SystemGuardian;

    /// <inheritdoc/>
    public IActorRef DeadLetters => _local.DeadLetters;

    /// <inheritdoc/>
    public IActorRef IgnoreRef => _local.IgnoreRef;

    /// <inheritdoc/>
    public ActorPath RootPath => _local.RootPath;

    /// <inheritdoc/>
    public Settings Settings => _local.Settings;

    /// <inheritdoc/>
    public Deployer Deployer => _local.Deployer;

    /// <inheritdoc/>
    public IInternalActorRef TempContainer => _local.TempContainer;

    /// <inheritdoc/>
    public Task TerminationTask => _local.TerminationTask;

    /// <inheritdoc/>
    public Address DefaultAddress => _transport.DefaultAddress;

    /// <inheritdoc/>
    public Akka.Serialization.Information SerializationInformation =>
        _transport?.Information ?? _local.SerializationInformation;

    /// <inheritdoc/>
    public virtual void Init(ActorSystemImpl system)
    {
        _system = system;
        _local.Init(system);
        system.StartLoggers();
        // It is bound, and read by nobody yet: who connects finds the watcher.
        _transport = new Remoting(system, this);
        try
        {
            system.SystemActorOf(
                RemoteSettings.ConfigureDispatcher(Props.Create(() => new RemotingTerminator(_transport))),
                "remoting-terminator"
            );
            _remoteWatcher = CreateRemoteWatcher(system);
            _transport.Start();
        }
        catch
        {
            _transport.Abort();
            throw;
        }
    }

    /// <inheritdoc/>
    public ActorPath TempPath() => _local.TempPath();

    /// <inheritdoc/>
    public void RegisterTempActor(IInternalActorRef actorRef, ActorPath path) =>
        _local.RegisterTempActor(actorRef, path);

    /// <inheritdoc/>
    public void UnregisterTempActor(ActorPath path) => _local.UnregisterTempActor(path);

    /// <inheritdoc/>
    public IInternalActorRef ActorOf(
        ActorSystemImpl system,
        Props props,
        IInternalActorRef supervisor,
        ActorPath path,
        bool systemService,
        Deploy? deploy,
        bool lookupDeploy,
        bool async
    ) => _local.ActorOf(system, props, supervisor, path, systemService, deploy, lookupDeploy, async);

    /// <inheritdoc/>
    public IActorRef ResolveActorRef(string path)
    {
        if (ActorPath.TryParse(path, out var actorPath))
            return ResolveActorRef(actorPath);
        _transport.Log.Debug("Resolve of unknown path [{0}] failed", path);
        return DeadLetters;
    }

    /// <inheritdoc/>
    public IActorRef ResolveActorRef(ActorPath actorPath)
    {
        if (HasAddress(actorPath.Address))
            return _local.ResolveBelowRoot(actorPath);
        try
        {
            return CreateRemoteRef(actorPath, _transport.LocalAddressForRemote(actorPath.Address));
        }
        catch (RemoteTransportException cause)
        {
            _transport.Log.Warning("Error while resolving address [{0}]: {1}", actorPath.Address, cause.Message);
            return new EmptyLocalActorRef(this, RootPath, _eventStream);
        }
    }

    /// <inheritdoc/>
    public IInternalActorRef ResolveActorRefWithLocalAddress(string path, Address localAddress)
    {
        if (!ActorPath.TryParse(path, out var actorPath))
        {
            _transport.Log.Debug("Resolve of unknown path [{0}] failed", path);
            return (IInternalActorRef)DeadLetters;
        }
        return HasAddress(actorPath.Address)
            ? _local.ResolveBelowRoot(actorPath)
            : CreateRemoteRef(actorPath, localAddress);
    }

    /// <inheritdoc/>
    public IActorRef RootGuardianAt(Address address) =>
        HasAddress(address) ? RootGuardian : ResolveActorRef(new RootActorPath(address));

    /// <inheritdoc/>
    public bool HasAddress(Address address) =>
        address.Equals(RootPath.Address) || _transport?.Addresses.Contains(address) == true;

    /// <inheritdoc/>
    public Address? GetExternalAddressFor(Address address)
    {
        if (HasAddress(address))
            return address;
        return address.HasGlobalScope && address.Protocol == DefaultAddress.Protocol
            ? _transport.LocalAddressForRemote(address)
            : null;
    }

    /// <inheritdoc/>
    public void Quarantine(Address address, int? uid) => _transport.Quarantine(address, uid);

    /// <summary>A reference to an actor of another system.</summary>
    protected virtual IInternalActorRef CreateRemoteRef(ActorPath actorPath, Address localAddress) =>
        new RemoteActorRef(_transport, localAddress, actorPath, ActorRefs.Nobody);

    /// <summary>The actor that watches actors of other systems.</summary>
    protected virtual IActorRef CreateRemoteWatcher(ActorSystemImpl system) =>
        system.SystemActorOf(
            RemoteSettings.ConfigureDispatcher(
                Remote.RemoteWatcher.Props(
                    CreateRemoteWatcherFailureDetector(system),
                    RemoteSettings.WatchHeartBeatInterval,
                    RemoteSettings.WatchUnreachableReaperInterval,
                    RemoteSettings.WatchHeartbeatExpectedResponseAfter
                )
            ),
            "remote-watcher"
        );

    /// <summary>The failure detectors of that actor.</summary>
    protected DefaultFailureDetectorRegistry<Address> CreateRemoteWatcherFailureDetector(ActorSystem system) =>
        new(() =>
            FailureDetectorLoader.Load(
                RemoteSettings.WatchFailureDetectorImplementationClass,
                RemoteSettings.WatchFailureDetectorConfig,
                system
            )
        );
}

/// <summary>Ends remoting after the application's actors and before the engine's own, so that last words are sent.</summary>
internal sealed class RemotingTerminator : UntypedActor
{
    private readonly Remoting _transport;

    public RemotingTerminator(Remoting transport) => _transport = transport;

    protected override void PreStart() =>
        ((ExtendedActorSystem)Context.System).SystemGuardian.Tell(
            Dispatch.SysMsg.RegisterTerminationHook.Instance,
            Self
        );

    protected override void OnReceive(object message)
    {
        if (message is not Dispatch.SysMsg.TerminationHook)
        {
            Unhandled(message);
            return;
        }
        var guardian = Sender;
        var self = Self;
        _ = _transport
            .Shutdown()
            .ContinueWith(
                _ => guardian.Tell(Dispatch.SysMsg.TerminationHookDone.Instance, self),
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default
            );
    }
}
