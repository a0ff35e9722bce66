using Akka.Streams.Stage;

namespace Akka.Streams.Tests.Stages;

/// <summary>A flow of one stage that passes elements along, except where a test says otherwise.</summary>
internal sealed class ProbeStage(Action<Probe> setUp) : GraphStage<FlowShape<int, int>>
{
    public Inlet<int> In { get; } = new("probe.in");

    public Outlet<int> Out { get; } = new("probe.out");

    public override FlowShape<int, int> Shape => field ??= new FlowShape<int, int>(In, Out);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes)
    {
        var probe = new Probe(this);
        setUp(probe);
        return probe;
    }
}

/// <summary>The logic of <see cref="ProbeStage"/>, open to tests.</summary>
internal sealed class Probe : GraphStageLogic
{
    private readonly ProbeStage _stage;

    public Probe(ProbeStage stage)
        : base(stage.Shape)
    {
        _stage = stage;
        OnPushDo = () => Push(stage.Out, Grab(stage.In));
        OnPullDo = () => Pull(stage.In);
        OnFinishDo = CompleteStage;
        FromOutside = GetAsyncCallback<int>(n =>
        {
            Received.Add(n);
            SetKeepGoing(false);
        });
        SetHandler(stage.In, onPush: () => OnPushDo(), onUpstreamFinish: () => OnFinishDo());
        SetHandler(stage.Out, onPull: () => OnPullDo());
    }

    public Action OnPushDo { get; set; }

    public Action OnPullDo { get; set; }

    public Action OnFinishDo { get; set; }

    public Action PreStartDo { get; set; } = () => { };

    public Action PostStopDo { get; set; } = () => { };

    public Action<int> FromOutside { get; }

    public List<int> Received { get; } = [];

    public override void PreStart() => PreStartDo();

    public override void PostStop() => PostStopDo();

    public void PullIn() => Pull(_stage.In);

    public int GrabIn() => Grab(_stage.In);

    public void PushOut(int element) => Push(_stage.Out, element);

    public void EmitOut(int element) => Emit(_stage.Out, element);

    public void EmitMany(IEnumerable<int> elements) => EmitMultiple(_stage.Out, elements);

    public void ReadTwo(Action<int, int> andThen) =>
        ReadMany(_stage.In, 2, read => andThen(read.First(), read.Last()), _ => { });

    /// <summary>Lives on after its ports have closed.</summary>
    public void KeepOn()
    {
        SetKeepGoing(true);
        OnFinishDo = () => Complete(_stage.Out);
    }
}
