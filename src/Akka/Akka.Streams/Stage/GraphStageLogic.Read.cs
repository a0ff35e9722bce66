using Akka.Pattern;

namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    /// <summary>
    /// Waits for one element, asking for it where needed, and calls <paramref name="andThen"/> with it, or
    /// <paramref name="onClose"/> when upstream completes first.
    /// </summary>
    protected internal void Read<T>(Inlet<T> inlet, Action<T> andThen, Action onClose)
    {
        if (IsAvailable(inlet))
        {
            andThen(Grab(inlet));
            return;
        }
        if (IsClosed(inlet))
        {
            onClose();
            return;
        }
        Await(inlet, new Reading<T>(this, inlet, 1, RequireNotReading(inlet), got => andThen(got[0]), _ => onClose()));
    }

    /// <summary>
    /// Waits for <paramref name="n"/> elements and calls <paramref name="andThen"/> with them, or
    /// <paramref name="onComplete"/> with those that came before upstream completed.
    /// </summary>
    protected internal void ReadMany<T>(
        Inlet<T> inlet,
        int n,
        Action<IEnumerable<T>> andThen,
        Action<IEnumerable<T>> onComplete
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        if (n == 0)
        {
            andThen([]);
            return;
        }
        var reading = new Reading<T>(this, inlet, n, RequireNotReading(inlet), andThen, onComplete);
        if (IsAvailable(inlet))
        {
            reading.Add(Grab(inlet));
            if (n == 1)
            {
                andThen(reading.Elements);
                return;
            }
        }
        if (IsClosed(inlet))
            onComplete(reading.Elements);
        else
            Await(inlet, reading);
    }

    /// <summary>Forgets the read that is waiting; the inlet's own handler is back.</summary>
    protected internal void AbortReading<T>(Inlet<T> inlet)
    {
        if (InHandlerAt(Index(inlet)) is Reading<T> reading)
            SetHandler(inlet, reading.Previous);
    }

    /// <summary>
    /// Passes every element from inlet to outlet, by itself, from now on; the flags say what else is passed and whether to
    /// start with a pull.
    /// </summary>
    protected internal void PassAlong<TOut, TIn>(
        Inlet<TIn> from,
        Outlet<TOut> to,
        bool doFinish = true,
        bool doFail = true,
        bool doPull = false
    )
        where TIn : TOut
    {
        Action pullAgain = () => TryPull(from);
        var handler = new LambdaInHandler(
            () => Emit(to, Grab(from), pullAgain),
            doFinish ? null : DoNothing,
            doFail ? null : static _ => { }
        );
        SetHandler(from, handler);
        // In a constructor there is nothing to look at yet.
        if (_interpreter is null && !doPull)
            return;
        if (IsAvailable(from))
            Emit(to, Grab(from), pullAgain);
        if (doFinish && IsClosed(from))
            CompleteStage();
        else if (doPull)
            TryPull(from);
    }

    private void Await<T>(Inlet<T> inlet, Reading<T> reading)
    {
        SetHandler(inlet, reading);
        TryPull(inlet);
    }

    private IInHandler RequireNotReading<T>(Inlet<T> inlet) =>
        GetHandler(inlet) is var handler and not Reading<T>
            ? handler
            : throw new IllegalStateException($"Already reading on inlet [{inlet}]");

    /// <summary>Stands in for the inlet's handler until the elements have arrived.</summary>
    private sealed class Reading<T>(
        GraphStageLogic logic,
        Inlet<T> inlet,
        int count,
        IInHandler previous,
        Action<List<T>> andThen,
        Action<List<T>> onClose
    ) : IInHandler
    {
        public List<T> Elements { get; } = [];

        public IInHandler Previous => previous;

        public void Add(T element) => Elements.Add(element);

        public void OnPush()
        {
            Elements.Add(logic.Grab(inlet));
            if (Elements.Count < count)
            {
                logic.Pull(inlet);
                return;
            }
            logic.SetHandler(inlet, previous);
            andThen(Elements);
        }

        public void OnUpstreamFinish()
        {
            logic.SetHandler(inlet, previous);
            onClose(Elements);
            previous.OnUpstreamFinish();
        }

        public void OnUpstreamFailure(Exception e)
        {
            logic.SetHandler(inlet, previous);
            previous.OnUpstreamFailure(e);
        }
    }
}
