using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming;

/// <summary>A session for the sake of the copies alone: its machine is off and stays so, and no login shares it.</summary>
internal sealed partial class DeviceSession
{
    private void OpenUnattended(UnattendedSession unattended)
    {
        // Somebody has logged in meanwhile.
        if (_session is not null || unattended.Grant.Epoch <= _epoch)
            return;
        var self = Self;
        Become(() => Opening(login: null));
        _underWay = _opening.OpenUnattendedAsync(unattended.Grant);
        _ = _underWay.PipeTo(self);
    }

    private void OpenedUnattended(LiveSession live)
    {
        Log.SessionUnattended(_log, _device, live.Grant.Epoch);
        _phase = DevicePhase.Off;
        // What the journal has of the device follows the row.
        Tell();
    }

    private void NotOpenedUnattended(SessionOpened.Not refused)
    {
        Log.CopiesNotSeenTo(_log, _device, refused.Reason);
        (_epoch, _phase) = (refused.Granted ?? _epoch, DevicePhase.Off);
        Tell();
        Resume();
    }

    private void End(UnattendedEnd end)
    {
        if (_session is { IsUnattended: true, IsEnding: false } live && live.Grant.Epoch == end.Epoch)
            Revoke();
    }
}

/// <summary>The write cache of a machine that is off is to be open here, so that its copies come and leave.</summary>
/// <param name="Grant">As this server has written it into the session row.</param>
public sealed record UnattendedSession(SessionGrant Grant) : IDeviceSessionMessage
{
    public DeviceId Device => Grant.Device;
}

/// <summary>It need not be open any more.</summary>
public sealed record UnattendedEnd(DeviceId Device, Epoch Epoch) : IDeviceSessionMessage;
