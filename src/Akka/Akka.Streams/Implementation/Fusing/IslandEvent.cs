using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Fusing;

/// <summary>Something that happened outside an island, for one of its stages; a link in the island's list of them.</summary>
internal abstract class IslandEvent(GraphStageLogic? logic)
{
    public IslandEvent? Next;

    public GraphStageLogic Logic { get; } = logic!;

    /// <summary>Runs as an event of the stage.</summary>
    public abstract void Run();

    /// <summary>The stage has ended: the event is not going to run.</summary>
    public virtual void Drop() { }
}

/// <summary>A signal without content, made once and sent often: while one is under way, another adds nothing.</summary>
internal abstract class IslandSignal(GraphStageLogic logic) : IslandEvent(logic)
{
    private int _isUnderWay;

    /// <summary>Safe from any thread.</summary>
    public void Signal()
    {
        // A full fence: what the caller wrote before is seen by the handler, also when that is already under way.
        if (Interlocked.Exchange(ref _isUnderWay, 1) == 0)
            Logic.Interpreter.Island.Post(this);
    }

    public sealed override void Run()
    {
        Interlocked.Exchange(ref _isUnderWay, 0);
        Handle();
    }

    protected abstract void Handle();
}

/// <summary>What a delegate from GetAsyncCallback points to. One event is kept for the next call.</summary>
internal sealed class AsyncCallbackTarget<T>(GraphStageLogic logic, Action<T> handler)
{
    private Invocation? _spare;

    public void Invoke(T argument)
    {
        var invocation = Interlocked.Exchange(ref _spare, null) ?? new Invocation(logic, this);
        invocation.Argument = argument;
        logic.Post(invocation);
    }

    private sealed class Invocation(GraphStageLogic logic, AsyncCallbackTarget<T> target) : IslandEvent(logic)
    {
        public T? Argument;

        public override void Run()
        {
            var argument = Argument!;
            Argument = default;
            Next = null;
            Volatile.Write(ref target._spare, this);
            target.Handle(argument);
        }

        public override void Drop() => Argument = default;
    }

    private void Handle(T argument) => handler(argument);
}
