using Akka.Streams.Implementation.Fusing;

namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    /// <summary>
    /// A delegate that may be called from any thread and runs <paramref name="handler"/> as an event of this stage. Calls
    /// before the stage starts wait for it; calls after it has ended are dropped.
    /// </summary>
    protected internal Action<T> GetAsyncCallback<T>(Action<T> handler) =>
        new AsyncCallbackTarget<T>(this, handler).Invoke;

    /// <summary>
    /// A delegate that may be called from any thread and runs <paramref name="handler"/> as an event of this stage.
    /// </summary>
    protected internal Action GetAsyncCallback(Action handler)
    {
        var target = new AsyncCallbackTarget<NotUsed>(this, _ => handler());
        return () => target.Invoke(NotUsed.Instance);
    }

    private readonly Lock _attaching = new();
    private List<IslandEvent>? _early;

    internal void Attach(GraphInterpreter interpreter)
    {
        lock (_attaching)
        {
            _early?.ForEach(interpreter.Island.Post);
            _early = null;
            _interpreter = interpreter;
        }
    }

    /// <summary>Hands the event to the island; before there is one, it waits.</summary>
    internal void Post(IslandEvent item)
    {
        if (Volatile.Read(ref _interpreter) is { } interpreter)
        {
            interpreter.Island.Post(item);
            return;
        }
        lock (_attaching)
        {
            if (_interpreter is null)
                (_early ??= []).Add(item);
            else
                _interpreter.Island.Post(item);
        }
    }
}
