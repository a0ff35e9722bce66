using Akka.Event;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Fusing;

/// <summary>
/// Runs fused stages on one thread at a time: takes connections with something to tell from a queue and tells the stage on
/// the other side. What a stage does in reply is mostly one push or pull, which is followed at once, past the queue.
/// </summary>
internal sealed partial class GraphInterpreter
{
    /// <summary>Events followed in a row before the queue has its turn again.</summary>
    private const int ChaseLimit = 16;

    [ThreadStatic]
    private static GraphInterpreter? _current;

    private readonly GraphStageLogic[] _logics;
    private readonly Connection[] _queue;
    private readonly int _mask;
    private int _head;
    private int _tail;
    private int _chaseBudget;
    private Connection? _chasedPush;
    private Connection? _chasedPull;
    private GraphStageLogic? _active;
    private int _running;

    public GraphInterpreter(
        IEnumerable<GraphStageLogic> logics,
        int connectionCount,
        Island island,
        ActorMaterializerImpl materializer
    )
    {
        _logics = [.. logics];
        _running = _logics.Length;
        var capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)connectionCount + 1);
        _queue = new Connection[capacity];
        _mask = capacity - 1;
        Island = island;
        Materializer = materializer;
        foreach (var logic in _logics)
            logic.Attach(this);
    }

    /// <summary>The stage whose handler runs on this thread.</summary>
    public static GraphStageLogic ActiveStage =>
        _current?._active ?? throw new InvalidOperationException("No stage is running on this thread");

    public Island Island { get; }

    public ActorMaterializerImpl Materializer { get; }

    public IMaterializer SubFusingMaterializer => field ??= Materializer.FusingInto(Island);

    public bool IsStarted { get; private set; }

    public bool IsCompleted => IsStarted && _running == 0;

    public bool HasEvents => _head != _tail;

    /// <summary>Calls PreStart of every stage.</summary>
    public void Start()
    {
        var outer = Enter();
        IsStarted = true;
        foreach (var logic in _logics)
        {
            _active = logic;
            try
            {
                logic.BeforePreStart();
                logic.PreStart();
            }
            catch (Exception error)
            {
                FailActive(error);
            }
            AfterStageHasRun(logic);
        }
        FlushChased();
        Leave(outer);
    }

    /// <summary>Runs up to <paramref name="limit"/> events; returns what is left of the limit.</summary>
    public int Execute(int limit)
    {
        if (_head == _tail)
            return limit;
        var outer = Enter();
        while (limit > 0 && _head != _tail)
        {
            var connection = _queue[_head++ & _mask];
            limit--;
            _chaseBudget = Math.Min(ChaseLimit, limit);
            var budget = _chaseBudget;
            do
            {
                Process(connection);
                connection = TakeChased();
            } while (connection is not null);
            limit -= budget - _chaseBudget;
        }
        Leave(outer);
        return limit;
    }

    /// <summary>Runs an event that came from outside, unless its stage has ended.</summary>
    public void RunAsync(IslandEvent asyncEvent)
    {
        var logic = asyncEvent.Logic;
        if (logic.IsFinished)
        {
            asyncEvent.Drop();
            return;
        }
        var outer = Enter();
        _active = logic;
        try
        {
            asyncEvent.Run();
        }
        catch (Exception error)
        {
            FailActive(error);
        }
        AfterStageHasRun(logic);
        FlushChased();
        Leave(outer);
    }

    /// <summary>Ends every stage that still runs: boundaries first, so that failures travel as far as they can.</summary>
    public void Abort(Exception reason, int limit)
    {
        // Who waits for a stage hears of its end from PostStop, so also a stage that never ran starts first.
        if (!IsStarted)
            Start();
        var outer = Enter();
        foreach (var logic in _logics)
        {
            if (logic.IsFinished || logic is not IFedFromOutside)
                continue;
            _active = logic;
            logic.FailStage(reason);
            AfterStageHasRun(logic);
        }
        FlushChased();
        Leave(outer);
        Execute(limit);
        outer = Enter();
        foreach (var logic in _logics)
        {
            if (logic.IsFinished)
                continue;
            _active = logic;
            Finish(logic);
        }
        _head = _tail;
        Leave(outer);
    }

    private GraphInterpreter? Enter()
    {
        var outer = _current;
        _current = this;
        _chaseBudget = 0;
        return outer;
    }

    private void Leave(GraphInterpreter? outer)
    {
        _active = null;
        _current = outer;
    }

    private Connection? TakeChased()
    {
        if (_chasedPush is { } push)
        {
            _chasedPush = null;
            return push;
        }
        var pull = _chasedPull;
        _chasedPull = null;
        return pull;
    }

    private void FlushChased()
    {
        while (TakeChased() is { } connection)
            Enqueue(connection);
    }

    private void Enqueue(Connection connection) => _queue[_tail++ & _mask] = connection;

    private void AfterStageHasRun(GraphStageLogic logic)
    {
        if (logic.OpenPorts == 0 && !logic.KeepGoing && !logic.IsFinished)
            Finish(logic);
    }

    private void Finish(GraphStageLogic logic)
    {
        logic.IsFinished = true;
        _running--;
        try
        {
            logic.PostStop();
        }
        catch (Exception error)
        {
            logic.Log.Error(error, "Error during PostStop in [{0}]: {1}", logic, error.Message);
        }
        try
        {
            logic.AfterPostStop();
        }
        catch (Exception error)
        {
            logic.Log.Error(error, "Error during AfterPostStop in [{0}]: {1}", logic, error.Message);
        }
    }
}
