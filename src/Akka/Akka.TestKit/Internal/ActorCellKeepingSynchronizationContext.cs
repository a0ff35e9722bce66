using Akka.Actor;

namespace Akka.TestKit.Internal;

/// <summary>Keeps the test actor the sender of what a test tells without one, on whatever thread the test goes on.</summary>
internal sealed class ActorCellKeepingSynchronizationContext(ActorCell cell) : SynchronizationContext
{
    /// <summary>From now on <paramref name="cell"/> is the sender of what this thread, and what it awaits, tells.</summary>
    public static void Install(ActorCell cell)
    {
        ActorCell.Current = cell;
        SetSynchronizationContext(new ActorCellKeepingSynchronizationContext(cell));
    }

    /// <summary>Undoes <see cref="Install"/> on this thread.</summary>
    public static void Remove()
    {
        ActorCell.Current = null;
        if (Current is ActorCellKeepingSynchronizationContext)
            SetSynchronizationContext(null);
    }

    public override void Post(SendOrPostCallback d, object? state) =>
        ThreadPool.QueueUserWorkItem(
            static work =>
            {
                var (self, callback, argument) = work;
                self.Run(callback, argument);
            },
            (this, d, state),
            preferLocal: false
        );

    public override void Send(SendOrPostCallback d, object? state) => Run(d, state);

    private void Run(SendOrPostCallback callback, object? state)
    {
        var (outerCell, outerContext) = (ActorCell.Current, Current);
        ActorCell.Current = cell;
        SetSynchronizationContext(this);
        try
        {
            callback(state);
        }
        finally
        {
            ActorCell.Current = outerCell;
            SetSynchronizationContext(outerContext);
        }
    }
}
