using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>Emits what a function makes of one element of each inlet.</summary>
public class ZipWith<T0, T1, TOut> : GraphStage<FanInShape<T0, T1, TOut>>
{
    public ZipWith(Func<T0, T1, TOut> zipper)
    {
        Zipper = zipper;
        Shape = new FanInShape<T0, T1, TOut>("ZipWith");
    }

    public Func<T0, T1, TOut> Zipper { get; }

    public Inlet<T0> In0 => Shape.In0;

    public Inlet<T1> In1 => Shape.In1;

    public Outlet<TOut> Out => Shape.Out;

    public sealed override FanInShape<T0, T1, TOut> Shape { get; }

    protected sealed override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly ZipWith<T0, T1, TOut> _stage;

        public Logic(ZipWith<T0, T1, TOut> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandler(stage.In0, onPush: Arrived, onUpstreamFinish: () => Ended(stage.In0));
            SetHandler(stage.In1, onPush: Arrived, onUpstreamFinish: () => Ended(stage.In1));
            SetHandler(stage.Out, this);
        }

        private bool HasBoth => IsAvailable(_stage.In0) && IsAvailable(_stage.In1);

        public override void PreStart()
        {
            Pull(_stage.In0);
            Pull(_stage.In1);
        }

        public override void OnPull()
        {
            if (HasBoth)
                PushPair();
        }

        private void Arrived()
        {
            if (HasBoth && IsAvailable(_stage.Out))
                PushPair();
        }

        private void PushPair()
        {
            Push(_stage.Out, _stage.Zipper(Grab(_stage.In0), Grab(_stage.In1)));
            if (IsClosed(_stage.In0) || IsClosed(_stage.In1))
            {
                CompleteStage();
                return;
            }
            Pull(_stage.In0);
            Pull(_stage.In1);
        }

        private void Ended<T>(Inlet<T> inlet)
        {
            if (!IsAvailable(inlet))
                CompleteStage();
        }
    }
}

/// <summary>Emits pairs of one element of each inlet.</summary>
public sealed class Zip<T1, T2>() : ZipWith<T1, T2, (T1, T2)>(static (first, second) => (first, second));
