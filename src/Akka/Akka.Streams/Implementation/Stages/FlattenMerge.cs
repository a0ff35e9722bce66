using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Runs the sources that come in, up to <c>breadth</c> at a time, and emits their elements.</summary>
internal sealed class FlattenMerge<T, TMat>(int breadth) : LinearStage<IGraph<SourceShape<T>, TMat>, T>
{
    private readonly int _breadth = breadth;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly FlattenMerge<T, TMat> _stage;
        private readonly HashSet<SubSinkInlet<T>> _sources = [];
        private readonly Queue<SubSinkInlet<T>> _ready = new();

        public Logic(FlattenMerge<T, TMat> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void PreStart() => Pull(_stage.In);

        public override void OnPush()
        {
            Add(Grab(_stage.In));
            if (_sources.Count < _stage._breadth)
                TryPull(_stage.In);
        }

        public override void OnUpstreamFinish()
        {
            if (_sources.Count == 0)
                CompleteStage();
        }

        public override void OnPull()
        {
            if (_ready.TryDequeue(out var inlet))
                PushFrom(inlet);
        }

        public override void PostStop()
        {
            foreach (var inlet in _sources)
                inlet.Cancel(SubscriptionWithCancelException.NoMoreElementsNeeded.Instance);
        }

        private void Add(IGraph<SourceShape<T>, TMat> source)
        {
            var inlet = CreateSubSinkInlet<T>("FlattenMerge");
            inlet.SetHandler(
                new LambdaInHandler(
                    () =>
                    {
                        if (IsAvailable(_stage.Out))
                            PushFrom(inlet);
                        else
                            _ready.Enqueue(inlet);
                    },
                    () =>
                    {
                        if (!inlet.IsAvailable)
                            Remove(inlet);
                    },
                    null
                )
            );
            _sources.Add(inlet);
            inlet.Pull();
            SubFusingMaterializer.Materialize(Dsl.Source.FromGraph(source).To(inlet.Sink), StageAttributes);
        }

        private void PushFrom(SubSinkInlet<T> inlet)
        {
            Push(_stage.Out, inlet.Grab());
            if (inlet.IsClosed)
                Remove(inlet);
            else
                inlet.Pull();
        }

        private void Remove(SubSinkInlet<T> inlet)
        {
            _sources.Remove(inlet);
            if (IsClosed(_stage.In))
            {
                if (_sources.Count == 0)
                    CompleteStage();
            }
            else
            {
                TryPull(_stage.In);
            }
        }
    }
}
