using Akka.Streams.Implementation.Fusing;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>Stages that are to run in one actor, while they are being put together.</summary>
internal sealed class IslandPlan(Attributes attributes)
{
    public Attributes Attributes { get; } = attributes;

    public List<GraphStageLogic> Logics { get; } = [];

    public int ConnectionCount { get; set; }

    public void Add(GraphStageLogic logic) => Logics.Add(logic);
}

/// <summary>One run of a blueprint: the stages made from it, wired up and sorted into islands.</summary>
internal sealed class Materialization
{
    [ThreadStatic]
    private static ActorMaterializerImpl? _current;

    private readonly List<IslandPlan> _islands = [];

    /// <summary>The materializer for which stages are being made on this thread.</summary>
    public static ActorMaterializerImpl CurrentMaterializer =>
        _current ?? throw new InvalidOperationException("Nothing is being materialized on this thread");

    public IReadOnlyList<IslandPlan> Islands => _islands;

    /// <summary>Makes all stages of a closed graph; the first island is the one without a boundary around it.</summary>
    public static (Materialization Session, object? Value) Of(
        Module module,
        ActorMaterializerImpl materializer,
        Attributes attributes
    )
    {
        var outer = _current;
        _current = materializer;
        try
        {
            var session = new Materialization();
            var instance = module.Build(session, attributes, session.NewIsland(attributes));
            return (session, instance.MaterializedValue);
        }
        finally
        {
            _current = outer;
        }
    }

    public IslandPlan NewIsland(Attributes attributes)
    {
        var island = new IslandPlan(attributes);
        _islands.Add(island);
        return island;
    }

    public void Connect(OutletRef from, InletRef to)
    {
        if (ReferenceEquals(from.Island, to.Island))
        {
            Link(from, to);
            return;
        }
        var buffer = to.Logic.StageAttributes.GetMandatoryAttribute<Attributes.InputBuffer>();
        var (sender, receiver) = from.Outlet.CreateBoundary(Math.Max(1, buffer.Max));
        sender.StageAttributes = from.Logic.StageAttributes;
        receiver.StageAttributes = to.Logic.StageAttributes;
        from.Island.Add(sender);
        to.Island.Add(receiver);
        Link(from, new InletRef(sender, to.Inlet, 0, from.Island));
        Link(new OutletRef(receiver, from.Outlet, 0, to.Island), to);
    }

    private static void Link(OutletRef from, InletRef to)
    {
        var connection = from.Outlet.CreateConnection();
        connection.OutOwner = from.Logic;
        connection.InOwner = to.Logic;
        connection.OutHandler = from.Logic.OutHandlerAt(from.Index) ?? throw from.Logic.NoHandler(from.Outlet);
        connection.InHandler = to.Logic.InHandlerAt(to.Index) ?? throw to.Logic.NoHandler(to.Inlet);
        from.Logic.Ports[from.Logic.InCount + from.Index] = connection;
        to.Logic.Ports[to.Index] = connection;
        from.Island.ConnectionCount++;
    }
}
