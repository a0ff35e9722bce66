using Akka.Streams.Implementation.Fusing;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>An empty flow. Where it stands between other stages it vanishes; alone it is a stage that passes along.</summary>
internal abstract class IdentityModule : Module;

/// <inheritdoc/>
internal sealed class IdentityModule<T> : IdentityModule
{
    public static readonly IdentityModule<T> Instance = new();

    private static readonly IGraph<FlowShape<T, T>> Stage = new Identity<T>();

    protected override Instance BuildWith(Materialization session, Attributes attributes, IslandPlan island) =>
        Stage.Module.Build(session, attributes, island);
}

/// <summary>A stage of one inlet and one outlet of the same type.</summary>
internal abstract class LinearStage<TIn, TOut> : GraphStage<FlowShape<TIn, TOut>>
{
    protected LinearStage(string? name = null)
    {
        name ??= GetType().Name.Split('`')[0];
        In = new Inlet<TIn>($"{name}.in");
        Out = new Outlet<TOut>($"{name}.out");
        Shape = new FlowShape<TIn, TOut>(In, Out);
    }

    public Inlet<TIn> In { get; }

    public Outlet<TOut> Out { get; }

    public sealed override FlowShape<TIn, TOut> Shape { get; }
}

/// <summary>Passes every element along.</summary>
internal sealed class Identity<T> : LinearStage<T, T>
{
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly Identity<T> _stage;

        public Logic(Identity<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void OnPush() => Push(_stage.Out, Grab(_stage.In));

        public override void OnPull() => Pull(_stage.In);
    }
}
