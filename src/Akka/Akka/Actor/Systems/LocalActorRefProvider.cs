using Akka.Actor.Internal;
using Akka.Configuration;
using Akka.Event;
using Akka.Util.Internal;

namespace Akka.Actor;

/// <summary>References of one process.</summary>
public sealed class LocalActorRefProvider : IActorRefProvider
{
    private readonly EventStream _eventStream;
    private readonly AtomicCounterLong _tempNumber = new();
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, IInternalActorRef> _extraNames = new(
        StringComparer.Ordinal
    );
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ActorSystemImpl _system = null!;
    private LocalActorRef _rootGuardian = null!;
    private VirtualPathContainer _temp = null!;
    private ActorPath _tempPath = null!;

    /// <summary>A provider for the system of that name.</summary>
    public LocalActorRefProvider(string systemName, Settings settings, EventStream eventStream)
    {
        Settings = settings;
        _eventStream = eventStream;
        RootPath = new RootActorPath(new Address("akka", systemName));
        Deployer = new Deployer(settings);
        DeadLetters = new DeadLetterActorRef(this, RootPath / "deadLetters", eventStream);
        IgnoreRef = new IgnoreActorRef(this, RootPath / "ignore");
    }

    /// <inheritdoc/>
    public IInternalActorRef RootGuardian => _rootGuardian;

    /// <inheritdoc/>
    public LocalActorRef Guardian { get; private set; } = null!;

    /// <inheritdoc/>
    public LocalActorRef SystemGuardian { get; private set; } = null!;

    /// <inheritdoc/>
    public IActorRef DeadLetters { get; }

    /// <inheritdoc/>
    public IActorRef IgnoreRef { get; }

    /// <inheritdoc/>
    public ActorPath RootPath { get; }

    /// <inheritdoc/>
    public Settings Settings { get; }

    /// <inheritdoc/>
    public Deployer Deployer { get; }

    /// <inheritdoc/>
    public IInternalActorRef TempContainer => _temp;

    /// <inheritdoc/>
    public Task TerminationTask => _terminated.Task;

    /// <inheritdoc/>
    public Address DefaultAddress => RootPath.Address;

    /// <inheritdoc/>
    public Akka.Serialization.Information SerializationInformation => new(DefaultAddress, _system);

    /// <inheritdoc/>
    public void Init(ActorSystemImpl system)
    {
        _system = system;
        var dispatcher = system.Dispatchers.Lookup(Dispatch.Dispatchers.InternalDispatcherId);
        var mailbox = system.Mailboxes.Default;
        var walker = new RootGuardianSupervisor(RootPath, this, _terminated, system);
        _rootGuardian = new RootGuardianActorRef(
            system,
            Props.Create(typeof(RootGuardian)),
            dispatcher,
            mailbox,
            walker,
            RootPath,
            name => _extraNames.GetValueOrDefault(name)
        );
        _tempPath = RootPath / "temp";
        _temp = new VirtualPathContainer(this, _tempPath, _rootGuardian);
        _extraNames["temp"] = _temp;
        _extraNames["deadLetters"] = (IInternalActorRef)DeadLetters;
        _extraNames["ignore"] = (IInternalActorRef)IgnoreRef;
        _rootGuardian.Start();

        var strategy = SupervisorStrategyConfigurator.CreateConfigurator(Settings.SupervisorStrategyClass).Create();
        Guardian = Attach(Props.Create(typeof(GuardianActor)).WithSupervisorStrategy(strategy), "user");
        SystemGuardian = Attach(Props.Create(typeof(SystemGuardianActor)), "system");
        ((IInternalActorRef)_rootGuardian).Tell(
            new RootGuardian.WatchBoth(Guardian, SystemGuardian),
            ActorRefs.NoSender
        );

        LocalActorRef Attach(Props props, string name) =>
            (LocalActorRef)
                _rootGuardian.Cell.AttachChild(
                    props.WithDispatcher(Dispatch.Dispatchers.InternalDispatcherId),
                    isSystemService: true,
                    name
                );
    }

    /// <inheritdoc/>
    public ActorPath TempPath() => new ChildActorPath(_tempPath, "$" + Base64(_tempNumber.Next()), 0);

    /// <inheritdoc/>
    public void RegisterTempActor(IInternalActorRef actorRef, ActorPath path) => _temp.Add(path.Name, actorRef);

    /// <inheritdoc/>
    public void UnregisterTempActor(ActorPath path) => _temp.Remove(path.Name);

    /// <summary>Puts a reference that is no actor right below the root.</summary>
    public void RegisterExtraName(string name, IInternalActorRef actor) => _extraNames.TryAdd(name, actor);

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
    )
    {
        var effective = props;
        if (lookupDeploy && Deployer.Lookup(path) is { } configured)
            effective = effective.WithDeploy(configured);
        if (deploy is not null)
            effective = effective.WithDeploy(deploy);
        if (!system.Dispatchers.HasDispatcher(effective.Dispatcher))
            throw new ConfigurationException($"Dispatcher [{effective.Dispatcher}] not configured for path {path}");
        var dispatcher = system.Dispatchers.Lookup(effective.Dispatcher);
        var mailbox = system.Mailboxes.GetMailboxType(effective, dispatcher.Configurator.Config);
        return new LocalActorRef(system, effective, dispatcher, mailbox, supervisor, path);
    }

    /// <inheritdoc/>
    public IActorRef ResolveActorRef(string path) =>
        ActorPath.TryParse(path, out var actorPath) ? ResolveActorRef(actorPath) : DeadLetters;

    /// <inheritdoc/>
    public IActorRef ResolveActorRef(ActorPath path) =>
        path.Address.Equals(RootPath.Address) ? ResolveBelowRoot(path) : DeadLetters;

    /// <summary>The actor at the elements of a path, by whatever address the path names this system.</summary>
    internal IInternalActorRef ResolveBelowRoot(ActorPath path)
    {
        if (path.Depth == 0)
            return _rootGuardian;
        var found = _rootGuardian.GetChild(path.Elements);
        return found.IsNobody() || (path.Uid != 0 && found.Path.Uid != path.Uid)
            ? new EmptyLocalActorRef(this, (RootPath / path.Elements).WithUid(path.Uid), _eventStream)
            : (IInternalActorRef)found;
    }

    /// <inheritdoc/>
    public IActorRef RootGuardianAt(Address address) => address.Equals(RootPath.Address) ? _rootGuardian : DeadLetters;

    /// <inheritdoc/>
    public Address? GetExternalAddressFor(Address address) => address.Equals(RootPath.Address) ? address : null;

    private static string Base64(long number)
    {
        const string Digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";
        var text = new System.Text.StringBuilder();
        do
        {
            text.Append(Digits[(int)(number & 63)]);
            number >>= 6;
        } while (number > 0);
        return text.ToString();
    }
}
