using System.Runtime.CompilerServices;
using Akka.Streams.Implementation.Fusing;

namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    /// <summary>Asks upstream for one element; an error when already asked or when the inlet is closed.</summary>
    protected internal void Pull<T>(Inlet<T> inlet) => Interpreter.Pull(ConnectionOf(inlet), inlet);

    /// <summary>Asks upstream for one element unless already asked or closed.</summary>
    protected internal void TryPull<T>(Inlet<T> inlet)
    {
        var connection = ConnectionOf(inlet);
        if ((connection.State & (Connection.InIdle | Connection.InClosed)) == Connection.InIdle)
            Interpreter.Pull(connection, inlet);
    }

    /// <summary>Whether an element has been asked for and has not arrived.</summary>
    protected internal bool HasBeenPulled<T>(Inlet<T> inlet) =>
        (ConnectionOf(inlet).State & (Connection.InIdle | Connection.InClosed)) == 0;

    /// <summary>Takes the element that has arrived, once.</summary>
    protected internal T Grab<T>(Inlet<T> inlet)
    {
        var connection = ConnectionOf(inlet);
        if (!connection.HasElementToGrab)
            throw new ArgumentException($"Cannot get element from already empty input port [{inlet}]");
        connection.HasElement = false;
        if (connection is not Connection<T> typed)
            return (T)connection.TakeBoxed()!;
        var element = typed.Element!;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            typed.Element = default;
        return element;
    }

    /// <summary>Whether an element can be grabbed.</summary>
    protected internal bool IsAvailable<T>(Inlet<T> inlet) => ConnectionOf(inlet).HasElementToGrab;

    protected internal bool IsClosed<T>(Inlet<T> inlet) => (ConnectionOf(inlet).State & Connection.InClosed) != 0;

    /// <summary>Emits one element; an error unless downstream has asked for it.</summary>
    protected internal void Push<T>(Outlet<T> outlet, T element)
    {
        var connection = ConnectionOf(outlet);
        if (element is null)
            throw new ArgumentNullException(nameof(element), "Element must not be null, rule 2.13");
        if (!Interpreter.TryBeginPush(connection, outlet))
            return;
        connection.HasElement = true;
        if (connection is Connection<T> typed)
            typed.Element = element;
        else
            connection.PutBoxed(element);
        Interpreter.EndPush(connection);
    }

    /// <summary>Whether downstream has asked for an element.</summary>
    protected internal bool IsAvailable<T>(Outlet<T> outlet) =>
        (ConnectionOf(outlet).State & (Connection.Demand | Connection.OutClosed)) == Connection.Demand;

    protected internal bool IsClosed<T>(Outlet<T> outlet) => (ConnectionOf(outlet).State & Connection.OutClosed) != 0;

    /// <summary>Asks upstream to stop; nothing arrives at the inlet any more.</summary>
    protected internal void Cancel<T>(Inlet<T> inlet) =>
        Cancel(inlet, SubscriptionWithCancelException.NoMoreElementsNeeded.Instance);

    /// <summary>Asks upstream to stop for a reason.</summary>
    protected internal void Cancel<T>(Inlet<T> inlet, Exception cause) =>
        Interpreter.Cancel(ConnectionOf(inlet), cause);

    /// <summary>Ends the outlet once what is being emitted is out.</summary>
    protected internal void Complete<T>(Outlet<T> outlet) => CompleteOutlet(Index(outlet));

    /// <summary>Ends the outlet with a failure.</summary>
    protected internal void Fail<T>(Outlet<T> outlet, Exception reason) =>
        Interpreter.Fail(ConnectionOf(outlet), reason);

    /// <summary>Completes all outlets and cancels all inlets.</summary>
    public void CompleteStage() => CloseStage(SubscriptionWithCancelException.StageWasCompleted.Instance, null);

    /// <summary>Fails all outlets and cancels all inlets.</summary>
    public void FailStage(Exception reason) => CloseStage(reason, reason);

    /// <summary>Ends the stage as its cancellation strategy says.</summary>
    public void CancelStage(Exception cause)
    {
        var strategy = StageAttributes.GetAttribute(Attributes.CancellationStrategy.Default).Strategy;
        var fails =
            strategy is Attributes.CancellationStrategy.FailStage
            || (
                strategy is Attributes.CancellationStrategy.PropagateFailure
                && cause is not SubscriptionWithCancelException.NonFailureCancellation
            );
        CloseStage(cause, fails ? cause : null);
    }

    protected internal void InternalOnDownstreamFinish(Exception cause) => CancelStage(cause);

    private void CloseStage(Exception cause, Exception? failure)
    {
        for (var i = 0; i < InCount; i++)
            Interpreter.Cancel(Ports[i], cause);
        for (var i = 0; i < OutCount; i++)
        {
            if (failure is null)
                CompleteOutlet(i);
            else
                Interpreter.Fail(Ports[InCount + i], failure);
        }
        SetKeepGoing(false);
    }

    private void CompleteOutlet(int index)
    {
        if (OutHandlerAt(index) is IEmitting emitting)
            emitting.CompleteWhenDone();
        else
            Interpreter.Complete(Ports[InCount + index]);
    }
}
