using Akka.Event;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Fusing;

internal sealed partial class GraphInterpreter
{
    public void Pull(Connection connection, InPort inlet)
    {
        var state = connection.State;
        if ((state & (Connection.InIdle | Connection.InClosed)) != Connection.InIdle)
            throw (state & Connection.InClosed) != 0
                ? new ArgumentException($"Cannot pull closed port [{inlet}]")
                : new ArgumentException($"Cannot pull port [{inlet}] twice");
        connection.HasElement = false;
        connection.State = state ^ (Connection.InIdle | Connection.Pulling);
        // With the outlet closed its completion is under way: the pull has no one to tell.
        if ((state & Connection.OutClosed) != 0)
            return;
        if (_chaseBudget > 0 && _chasedPull is null)
        {
            _chaseBudget--;
            _chasedPull = connection;
        }
        else
        {
            Enqueue(connection);
        }
    }

    /// <summary>False when the inlet has closed meanwhile: the element is dropped.</summary>
    public bool TryBeginPush(Connection connection, OutPort outlet)
    {
        var state = connection.State;
        if ((state & (Connection.Demand | Connection.OutClosed)) != Connection.Demand)
            throw (state & Connection.OutClosed) != 0
                ? new ArgumentException($"Cannot push closed port [{outlet}]")
                : new ArgumentException($"Cannot push port [{outlet}] twice, or before it being pulled");
        connection.State = state ^ (Connection.Demand | Connection.Pushing);
        return (state & Connection.InClosed) == 0;
    }

    public void EndPush(Connection connection)
    {
        if (_chaseBudget > 0 && _chasedPush is null)
        {
            _chaseBudget--;
            _chasedPush = connection;
        }
        else
        {
            Enqueue(connection);
        }
    }

    public void Complete(Connection connection) => CloseOutlet(connection, null);

    public void Fail(Connection connection, Exception reason) => CloseOutlet(connection, reason);

    public void Cancel(Connection connection, Exception cause)
    {
        var state = connection.State;
        if ((state & Connection.InClosed) != 0)
            return;
        connection.State = state | Connection.InClosed;
        connection.InOwner.OpenPorts--;
        connection.DropElement();
        if ((state & Connection.OutClosed) != 0)
            return;
        connection.CancellationCause = cause;
        if ((state & (Connection.Pulling | Connection.Pushing)) == 0)
            Enqueue(connection);
    }

    private void CloseOutlet(Connection connection, Exception? failure)
    {
        var state = connection.State;
        if ((state & Connection.OutClosed) != 0)
            return;
        connection.State = state | Connection.OutClosed;
        connection.OutOwner.OpenPorts--;
        if ((state & Connection.InClosed) != 0)
            return;
        connection.Failure = failure;
        if ((state & (Connection.Pulling | Connection.Pushing)) == 0)
            Enqueue(connection);
    }

    /// <summary>Tells the one side of a connection what the other has done.</summary>
    private void Process(Connection connection)
    {
        try
        {
            switch (
                connection.State
                & (Connection.Pushing | Connection.Pulling | Connection.InClosed | Connection.OutClosed)
            )
            {
                case Connection.Pushing:
                    _active = connection.InOwner;
                    connection.State ^= Connection.Pushing | Connection.InIdle;
                    connection.InHandler.OnPush();
                    break;
                case Connection.Pulling:
                    _active = connection.OutOwner;
                    connection.State ^= Connection.Pulling | Connection.Demand;
                    connection.OutHandler.OnPull();
                    break;
                default:
                    if (!ProcessClosing(connection))
                        return;
                    break;
            }
        }
        catch (Exception error)
        {
            FailActive(error);
        }
        AfterStageHasRun(_active!);
    }

    private bool ProcessClosing(Connection connection)
    {
        var state = connection.State;
        switch (state & (Connection.InClosed | Connection.OutClosed))
        {
            case Connection.InClosed:
                _active = connection.OutOwner;
                connection.State = state | Connection.OutClosed;
                connection.OutOwner.OpenPorts--;
                connection.DropElement();
                connection.OutHandler.OnDownstreamFinish(connection.CancellationCause!);
                return true;
            case Connection.OutClosed when (state & Connection.Pushing) != 0:
                // The last element goes first; the end has its own turn.
                _active = connection.InOwner;
                connection.State = state ^ (Connection.Pushing | Connection.InIdle);
                Enqueue(connection);
                connection.InHandler.OnPush();
                return true;
            case Connection.OutClosed:
                _active = connection.InOwner;
                connection.State = state | Connection.InClosed | Connection.InIdle;
                connection.InOwner.OpenPorts--;
                if (connection.Failure is { } failure)
                    connection.InHandler.OnUpstreamFailure(failure);
                else
                    connection.InHandler.OnUpstreamFinish();
                return true;
            default:
                return false;
        }
    }

    private void FailActive(Exception error)
    {
        var stage = _active!;
        var level = stage.StageAttributes.GetAttribute<Attributes.LogLevels>()?.OnFailure ?? LogLevel.ErrorLevel;
        if (level != Attributes.LogLevels.Off)
            stage.Log.Log(level, error, $"Error in stage [{stage}]: {error.Message}");
        stage.FailStage(error);
    }
}
