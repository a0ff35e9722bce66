using System.Diagnostics;
using System.Linq.Expressions;
using Akka.Actor;
using Akka.Actor.Dsl;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Configs;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

/// <summary>An actor system for a test, with an actor whose messages the test can wait for.</summary>
public abstract partial class TestKitBase : IActorRefFactory
{
    private static long lastTestActor;
    private readonly ITestKitAssertions assertions;
    private readonly ReceivedMessages received = new();
    private ActorSystem system = null!;
    private IActorRef testActor = null!;
    private TestKitSettings settings = null!;
    private EventFilterFactory? eventFilter;

    /// <summary>A kit on <paramref name="system"/>, or on one of its own.</summary>
    protected TestKitBase(ITestKitAssertions assertions, ActorSystem? system = null, string? testActorName = null)
        : this(assertions, system, DefaultConfig, actorSystemName: null, testActorName) { }

    /// <summary>A kit on a system of its own with <paramref name="config"/> above the defaults.</summary>
    protected TestKitBase(
        ITestKitAssertions assertions,
        Config? config,
        string? actorSystemName = null,
        string? testActorName = null
    )
        : this(assertions, system: null, config, actorSystemName, testActorName) { }

    /// <summary>A kit on a system of its own, set up by <paramref name="setup"/> above the defaults.</summary>
    protected TestKitBase(
        ITestKitAssertions assertions,
        ActorSystemSetup setup,
        string? actorSystemName = null,
        string? testActorName = null
    )
        : this(
            assertions,
            ActorSystem.Create(actorSystemName ?? "test", WithDefaults(setup)),
            config: null,
            actorSystemName,
            testActorName
        ) { }

    private TestKitBase(
        ITestKitAssertions assertions,
        ActorSystem? system,
        Config? config,
        string? actorSystemName,
        string? testActorName
    )
    {
        this.assertions = assertions;
        InitializeTest(system, config, actorSystemName, testActorName);
    }

    public static Config DefaultConfig => TestConfigs.DefaultConfig;

    /// <summary>Logs all that happens to actors.</summary>
    public static Config FullDebugConfig { get; } =
        ConfigurationFactory.ParseString(
            """
            akka.log-dead-letters = on
            akka.loglevel = DEBUG
            akka.stdout-loglevel = DEBUG
            akka.actor.debug { receive = on, autoreceive = on, lifecycle = on, event-stream = on, unhandled = on }
            """
        );

    public ActorSystem Sys => system;

    public TestKitSettings TestKitSettings => settings;

    /// <summary>The actor whose messages the test waits for.</summary>
    public IActorRef TestActor => testActor;

    /// <summary>Who sent the message that was taken last.</summary>
    public IActorRef LastSender => lastMessage.Sender;

    /// <summary>The message that was taken last.</summary>
    public object LastMessage => lastMessage.Message;

    /// <summary>Whether messages wait to be taken.</summary>
    public bool HasMessages => received.Any;

    public ILoggingAdapter Log => system.Log;

    /// <summary>Waits for log events, or silences them.</summary>
    public EventFilterFactory EventFilter => eventFilter ??= new EventFilterFactory(this);

    internal ITestKitAssertions Assertions => assertions;

    /// <summary>The time since some fixed moment; it never goes back.</summary>
    protected static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    public EventFilterFactory CreateEventFilter(ActorSystem system) => new(this, system);

    public IActorRef ActorOf(Props props) => system.ActorOf(props, null);

    public IActorRef ActorOf(Props props, string? name) => system.ActorOf(props, name);

    public IActorRef ActorOf<TActor>()
        where TActor : ActorBase, new() => ActorOf(Props.Create<TActor>(), null);

    public IActorRef ActorOf<TActor>(string name)
        where TActor : ActorBase, new() => ActorOf(Props.Create<TActor>(), name);

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory)
        where TActor : ActorBase => ActorOf(Props.Create(factory), null);

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory, string name)
        where TActor : ActorBase => ActorOf(Props.Create(factory), name);

    /// <summary>Makes an actor that <paramref name="config"/> sets up.</summary>
    public IActorRef ActorOf(Action<IActorDsl> config, string? name = null) =>
        ActorOf(Props.Create(() => new Act(config)), name);

    /// <inheritdoc cref="ActorOf(Action{IActorDsl}, string)"/>
    public IActorRef ActorOf(Action<IActorDsl, IActorContext> config, string? name = null) =>
        ActorOf(Props.Create(() => new Act(config)), name);

    public ActorSelection ActorSelection(ActorPath actorPath) => system.ActorSelection(actorPath);

    public ActorSelection ActorSelection(string actorPath) => system.ActorSelection(actorPath);

    /// <summary>Lets the test actor watch <paramref name="actorToWatch"/>.</summary>
    public IActorRef Watch(IActorRef actorToWatch)
    {
        testActor.Tell(new TestActor.Watch(actorToWatch), ActorRefs.NoSender);
        return actorToWatch;
    }

    /// <summary>Lets the test actor watch <paramref name="actorToUnwatch"/> no longer.</summary>
    public IActorRef Unwatch(IActorRef actorToUnwatch)
    {
        testActor.Tell(new TestActor.Unwatch(actorToUnwatch), ActorRefs.NoSender);
        return actorToUnwatch;
    }

    /// <summary>Watches as <see cref="Watch"/>, and ends when the test actor has begun to.</summary>
    public async Task<IActorRef> WatchAsync(IActorRef actorToWatch)
    {
        Watch(actorToWatch);
        await testActor.Ask<ActorIdentity>(new Identify(null!), settings.DefaultTimeout);
        return actorToWatch;
    }

    /// <summary>Ends the watch as <see cref="Unwatch"/>, and ends when the test actor has done so.</summary>
    public async Task<IActorRef> UnwatchAsync(IActorRef actorToUnwatch)
    {
        Unwatch(actorToUnwatch);
        await testActor.Ask<ActorIdentity>(new Identify(null!), settings.DefaultTimeout);
        return actorToUnwatch;
    }

    /// <summary>Lets the test see no message for which <paramref name="shouldIgnoreMessage"/> is true.</summary>
    public void IgnoreMessages(Func<object, bool> shouldIgnoreMessage) =>
        testActor.Tell(new TestActor.SetIgnore(m => shouldIgnoreMessage(m)), ActorRefs.NoSender);

    /// <inheritdoc cref="IgnoreMessages(Func{object, bool})"/>
    public void IgnoreMessages<T>(Func<T, bool> shouldIgnoreMessage) =>
        IgnoreMessages(m => m is T message && shouldIgnoreMessage(message));

    /// <summary>Lets the test see no message of type <typeparamref name="T"/>.</summary>
    public void IgnoreMessages<T>() => IgnoreMessages(m => m is T);

    /// <summary>Lets the test see all messages again.</summary>
    public void IgnoreNoMessages() => testActor.Tell(new TestActor.SetIgnore(null), ActorRefs.NoSender);

    /// <summary>Lets <paramref name="pilot"/> answer the test actor's messages.</summary>
    public void SetAutoPilot(AutoPilot pilot) => testActor.Tell(new TestActor.SetAutoPilot(pilot), ActorRefs.NoSender);

    /// <summary>A further actor whose messages the test can wait for.</summary>
    public virtual TestProbe CreateTestProbe(string? name = null) => CreateTestProbe(system, name);

    /// <inheritdoc cref="CreateTestProbe(string)"/>
    public virtual TestProbe CreateTestProbe(ActorSystem system, string? name = null) => new(system, assertions, name);

    public virtual TestLatch CreateTestLatch(int count = 1) => new(Dilated, settings.DefaultTimeout, count);

    public TestBarrier CreateTestBarrier(int count) => new(this, count);

    /// <summary>Ends the kit's system and waits for it.</summary>
    /// <param name="duration">How long to wait; 5 s, dilated, unless told otherwise, and at most 10 s.</param>
    /// <param name="verifySystemShutdown">Whether a system that does not end is a failure.</param>
    protected virtual void Shutdown(TimeSpan? duration = null, bool verifySystemShutdown = false) =>
        Shutdown(system, duration, verifySystemShutdown);

    /// <summary>Ends <paramref name="system"/> and waits for it.</summary>
    protected virtual void Shutdown(ActorSystem system, TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        var wait = duration ?? Dilated(TimeSpan.FromSeconds(5)).OrSooner(TimeSpan.FromSeconds(10));
        if (system.Terminate().Wait(wait) || !verifySystemShutdown)
            return;
        Fail($"the actor system {system.Name} did not end within {wait}");
    }

    /// <summary>A further test actor whose messages come to this kit too.</summary>
    public IActorRef CreateTestActor(string name) => CreateTestActor(system, name);

    protected void InitializeTest(ActorSystem? system, Config? config, string? actorSystemName, string? testActorName)
    {
        this.system = system ?? ActorSystem.Create(actorSystemName ?? "test", config.SafeWithFallback(DefaultConfig));
        this.system.RegisterExtension(new TestKitExtension());
        if (!this.system.Settings.Config.HasPath("akka.test.test-actor"))
            this.system.Settings.InjectTopLevelFallback(DefaultConfig);
        settings = TestKitExtension.For(this.system);
        testActor = CreateTestActor(
            this.system,
            testActorName ?? $"testActor{Interlocked.Increment(ref lastTestActor)}"
        );
        if (this is not INoImplicitSender)
            ActorCellKeepingSynchronizationContext.Install(((LocalActorRef)testActor).Cell);
    }

    private static ActorSystemSetup WithDefaults(ActorSystemSetup setup)
    {
        var bootstrap = setup.Get<BootstrapSetup>() is { HasValue: true, Value: var given }
            ? given
            : BootstrapSetup.Create();
        return setup.And(bootstrap.WithConfigFallback(DefaultConfig));
    }

    private IActorRef CreateTestActor(ActorSystem system, string name)
    {
        var queue = received;
        var props = Props.Create(() => new InternalTestActor(queue)).WithDispatcher("akka.test.test-actor.dispatcher");
        return ((ExtendedActorSystem)system).SystemActorOf(props, name);
    }
}
