using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits a last element in place of a failure.</summary>
internal sealed class Recover<T>(Func<Exception, Util.Option<T>> recover) : LinearStage<T, T>
{
    private readonly Func<Exception, Util.Option<T>> _recover = recover;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly Recover<T> _stage;

        public Logic(Recover<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void OnPush() => Push(_stage.Out, Grab(_stage.In));

        public override void OnPull() => Pull(_stage.In);

        public override void OnUpstreamFailure(Exception e)
        {
            var last = _stage._recover(e);
            if (last.HasValue)
                Emit(_stage.Out, last.Value, CompleteStage);
            else
                FailStage(e);
        }
    }
}

/// <summary>Passes another failure on than the one that came.</summary>
internal sealed class SelectError<T>(Func<Exception, Exception> selector) : LinearStage<T, T>
{
    private readonly Func<Exception, Exception> _selector = selector;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly SelectError<T> _stage;

        public Logic(SelectError<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void OnPush() => Push(_stage.Out, Grab(_stage.In));

        public override void OnPull() => Pull(_stage.In);

        public override void OnUpstreamFailure(Exception e) => FailStage(_stage._selector(e));
    }
}

/// <summary>Goes on with another source after a failure, a number of times or, below 0, any number of times.</summary>
internal sealed class RecoverWith<T, TMat>(Func<Exception, IGraph<SourceShape<T>, TMat>?> next, int attempts)
    : LinearStage<T, T>
{
    private readonly Func<Exception, IGraph<SourceShape<T>, TMat>?> _next = next;
    private readonly int _attempts =
        attempts >= -1
            ? attempts
            : throw new ArgumentException("The number of attempts is -1, for no limit, or more", nameof(attempts));

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly RecoverWith<T, TMat> _stage;
        private int _attempt;

        public Logic(RecoverWith<T, TMat> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void OnPush() => Push(_stage.Out, Grab(_stage.In));

        public override void OnPull() => Pull(_stage.In);

        public override void OnUpstreamFailure(Exception e) => Switch(e);

        private void Switch(Exception error)
        {
            if (_stage._attempts >= 0 && _attempt >= _stage._attempts)
            {
                FailStage(error);
                return;
            }
            if (_stage._next(error) is not { } source)
            {
                FailStage(error);
                return;
            }
            _attempt++;
            SwitchTo(source);
        }

        private void SwitchTo(IGraph<SourceShape<T>, TMat> source)
        {
            var inlet = CreateSubSinkInlet<T>("RecoverWith");
            inlet.SetHandler(
                new LambdaInHandler(
                    () => Push(_stage.Out, inlet.Grab()),
                    () =>
                    {
                        if (!inlet.IsAvailable)
                            CompleteStage();
                    },
                    Switch
                )
            );
            SetHandler(
                _stage.Out,
                new LambdaOutHandler(
                    () =>
                    {
                        if (!inlet.IsClosed)
                            inlet.Pull();
                    },
                    cause =>
                    {
                        inlet.Cancel(cause);
                        InternalOnDownstreamFinish(cause);
                    }
                )
            );
            if (IsAvailable(_stage.Out))
                inlet.Pull();
            SubFusingMaterializer.Materialize(Dsl.Source.FromGraph(source).To(inlet.Sink), StageAttributes);
        }
    }
}
