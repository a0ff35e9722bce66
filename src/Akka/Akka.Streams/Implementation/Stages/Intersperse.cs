using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits something between the elements and, where that is given, before the first and after the last.</summary>
internal sealed class Intersperse<T>(T inject, (T Start, T End)? around) : LinearStage<T, T>
{
    private readonly T _inject = inject;
    private readonly (T Start, T End)? _around = around;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly Intersperse<T> _stage;
        private bool _hasBegun;

        public Logic(Intersperse<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void OnPush()
        {
            if (_hasBegun)
                Emit(_stage.Out, _stage._inject);
            else
                Begin();
            Emit(_stage.Out, Grab(_stage.In));
        }

        public override void OnPull() => Pull(_stage.In);

        public override void OnUpstreamFinish()
        {
            if (!_hasBegun)
                Begin();
            if (_stage._around is { } around)
                Emit(_stage.Out, around.End);
            CompleteStage();
        }

        private void Begin()
        {
            _hasBegun = true;
            if (_stage._around is { } around)
                Emit(_stage.Out, around.Start);
        }
    }
}
