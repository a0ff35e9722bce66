using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Akka.Pattern;
using Akka.Streams.Implementation.Fusing;

namespace Akka.Streams.Implementation;

/// <summary>Runs each island of a graph in an actor below the supervisor.</summary>
internal sealed class ActorMaterializerImpl : ActorMaterializer
{
    private readonly Attributes _defaults;
    private readonly StreamSupervision _supervision;
    private readonly string _namePrefix;

    private ActorMaterializerImpl(
        ActorSystem system,
        ActorMaterializerSettings settings,
        StreamSupervision supervision,
        string namePrefix
    )
    {
        System = system;
        Settings = settings;
        _supervision = supervision;
        _namePrefix = namePrefix;
        _defaults = settings.ToAttributes();
    }

    public override ActorMaterializerSettings Settings { get; }

    public override bool IsShutdown => _supervision.IsStopped;

    public override MessageDispatcher ExecutionContext =>
        Settings.Dispatcher.Length == 0
            ? System.Dispatchers.DefaultGlobalDispatcher
            : System.Dispatchers.Lookup(Settings.Dispatcher);

    public override ActorSystem System { get; }

    public override ILoggingAdapter Logger => field ??= Logging.GetLogger(System, this);

    public override IActorRef Supervisor => _supervision.Ref;

    public static new ActorMaterializer Create(
        IActorRefFactory context,
        ActorMaterializerSettings? settings,
        string? namePrefix
    )
    {
        var system = context switch
        {
            ActorSystem found => found,
            IActorContext actor => actor.System,
            null => throw new ArgumentNullException(nameof(context), "IActorRefFactory must be defined"),
            _ => throw new ArgumentException(
                $"ActorRefFactory context must be an ActorSystem or ActorContext, got [{context.GetType()}]",
                nameof(context)
            ),
        };
        settings ??= ActorMaterializerSettings.Create(system);
        return new ActorMaterializerImpl(
            system,
            settings,
            StreamSupervision.Start(context, settings.Dispatcher),
            namePrefix ?? "Flow"
        );
    }

    public override IMaterializer WithNamePrefix(string namePrefix) =>
        new ActorMaterializerImpl(System, Settings, _supervision, namePrefix);

    public override TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable) =>
        Materialize(runnable, Attributes.None);

    public override TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes) =>
        Materialize(runnable, initialAttributes, null);

    /// <summary>A materializer that runs graphs in the actor of the island, their asynchronous islands aside.</summary>
    public IMaterializer FusingInto(Island island) => new SubFusingMaterializer(this, island);

    public TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes, Island? host)
    {
        if (IsShutdown)
            throw new IllegalStateException("Trying to materialize stream after materializer has been shutdown");
        var (session, value) = Materialization.Of(runnable.Module, this, _defaults.And(initialAttributes));
        var islands = new Island[session.Islands.Count];
        // All stages know their islands before the first one starts: they signal each other.
        for (var i = 0; i < islands.Length; i++)
        {
            var plan = session.Islands[i];
            islands[i] = i == 0 && host is not null ? host : new Island(Settings.SyncProcessingLimit);
            if (plan.Logics.Count > 0)
                islands[i].Add(new GraphInterpreter(plan.Logics, plan.ConnectionCount, islands[i], this));
        }
        var flowName = $"{_namePrefix}-{_supervision.NextFlow()}";
        for (var i = 0; i < islands.Length; i++)
        {
            var plan = session.Islands[i];
            if (plan.Logics.Count == 0 || ReferenceEquals(islands[i], host))
                continue;
            var name = plan.Attributes.GetAttribute<Attributes.Name>()?.Value ?? "island";
            Spawn(islands[i], plan, $"{flowName}-{i}-{Uri.EscapeDataString(name)}");
        }
        return (TMat)value!;
    }

    public IActorRef SpawnStageActor(Props props, string name) =>
        _supervision.Spawn(props, $"StageActor-{_supervision.NextFlow()}{(name.Length == 0 ? "" : $"-{name}")}");

    /// <summary>A reference below the supervisor that runs <paramref name="tell"/> on the sender's thread.</summary>
    public FunctionRef AddReference(Action<IActorRef, object> tell, string name) =>
        _supervision.Cell.AddFunctionRef(tell, name);

    public void RemoveReference(FunctionRef reference) => _supervision.Cell.RemoveFunctionRef(reference);

    public override ICancelable ScheduleOnce(TimeSpan delay, Action action) =>
        System.Scheduler.Advanced.ScheduleOnceCancelable(delay, action);

    public override ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) =>
        System.Scheduler.Advanced.ScheduleRepeatedlyCancelable(initialDelay, interval, action);

    public override ILoggingAdapter MakeLogger(object logSource) => Logging.GetLogger(System, logSource);

    public override ActorMaterializerSettings EffectiveSettings(Attributes attributes)
    {
        var settings = Settings;
        if (attributes.GetAttribute<Attributes.InputBuffer>() is { } buffer)
            settings = settings.WithInputBuffer(buffer.Initial, buffer.Max);
        if (attributes.GetAttribute<ActorAttributes.Dispatcher>() is { } dispatcher)
            settings = settings.WithDispatcher(dispatcher.Name);
        if (attributes.GetAttribute<ActorAttributes.SupervisionStrategy>() is { } supervision)
            settings = settings.WithSupervisionStrategy(supervision.Decider);
        return settings;
    }

    public override void Shutdown() => _supervision.Stop(System);

    private void Spawn(Island island, IslandPlan plan, string name)
    {
        var debug = Settings.IsDebugLogging ? Logger : null;
        var props = Props.Create(() => new IslandActor(island, debug)).WithDeploy(Deploy.Local);
        var dispatcher = plan.Attributes.GetAttribute<ActorAttributes.Dispatcher>()?.Name;
        if (!string.IsNullOrEmpty(dispatcher))
            props = props.WithDispatcher(dispatcher);
        _supervision.Spawn(props, name);
    }
}

/// <summary>One materializer for each actor system, for graphs that are run without naming one.</summary>
internal static class SystemMaterializer
{
    private static readonly ConditionalWeakTable<ActorSystem, ActorMaterializer> Materializers = [];

    public static ActorMaterializer Of(ActorSystem system) =>
        Materializers.GetValue(system, static s => ActorMaterializer.Create(s));
}

/// <summary>Runs graphs in the actor of a stage that is running.</summary>
internal sealed class SubFusingMaterializer(ActorMaterializerImpl outer, Island island) : IMaterializer
{
    public MessageDispatcher ExecutionContext => outer.ExecutionContext;

    public IMaterializer WithNamePrefix(string namePrefix) =>
        new SubFusingMaterializer((ActorMaterializerImpl)outer.WithNamePrefix(namePrefix), island);

    public TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable) =>
        outer.Materialize(runnable, Attributes.None, island);

    public TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes) =>
        outer.Materialize(runnable, initialAttributes, island);

    public ICancelable ScheduleOnce(TimeSpan delay, Action action) => outer.ScheduleOnce(delay, action);

    public ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) =>
        outer.ScheduleRepeatedly(initialDelay, interval, action);
}
