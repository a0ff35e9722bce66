using Hatchery.Wire.Iscsi;

namespace Hatchery.Streaming.Iscsi;

internal sealed partial class IscsiConnection
{
    private bool _pinged;
    private bool _pingsItself;

    public override void Tick()
    {
        var times = _surroundings.Times;
        var silence = _surroundings.Time.GetElapsedTime(_heard);
        if (!_fullFeature)
        {
            LimitLogin(_surroundings.Time.GetElapsedTime(_opened));
        }
        else if (!_pinged && silence >= times.PingInterval)
        {
            _pinged = true;
            Emit(new NopIn(0, Lun: 0, PduHeader.NoTag, NextTransferTag(), SameStatus()));
        }
        else if (_pinged && _pingsItself && silence >= times.PingInterval + times.PingTimeout)
        {
            // Firmware takes pings and answers none: for initiators that never sent one, TCP finds out.
            Log.PeerSilent(Logger, Remote);
            Abort();
        }
    }

    /// <summary>A gate that takes too long is asked to give up, so that the initiator still gets its answer.</summary>
    private void LimitLogin(TimeSpan age)
    {
        if (age < _surroundings.Times.Login || State != Transport.EngineState.Open)
            return;
        if (IsHeld && age < _surroundings.Times.Login * 2)
        {
            _closing.Cancel();
            return;
        }
        Log.LoginTimedOut(Logger, Remote);
        Abort();
    }

    private void OnNopOut(in NopOut pdu, ReadOnlySpan<byte> data)
    {
        if (!TakeNumber(pdu.Immediate, pdu.CmdSn))
            return;
        _pingsItself = true;
        if (pdu.TaskTag == PduHeader.NoTag)
            return;
        var echo = data[..Math.Min(data.Length, _parameters.InitiatorMaxDataSegment)];
        Emit(new NopIn(echo.Length, pdu.Lun, pdu.TaskTag, PduHeader.NoTag, NextStatus()), echo);
    }
}
