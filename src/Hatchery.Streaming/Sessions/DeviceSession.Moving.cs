using System.Net;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Streaming;

/// <summary>
/// The way of a running device to another server: that one opens the next epoch, which ends the session here, and only then is the device sent
/// there. All that takes long is done while the device still has its disk.
/// </summary>
internal sealed partial class DeviceSession
{
    private static readonly TimeSpan s_prepareLimit = TimeSpan.FromSeconds(5);

    /// <summary>A server that takes the session has so long, once its epoch is granted, before the session here ends without it.</summary>
    private static readonly TimeSpan s_takeLimit = TimeSpan.FromSeconds(2);

    /// <summary>Who was told to take the session; the device is sent there once when it comes back here.</summary>
    private (BootId Boot, Epoch Epoch, string Server)? _movedTo;

    private bool IsBeingTaken =>
        _session is { IsEnding: false } live && _movedTo is { } moved && moved.Epoch == live.Grant.Epoch;

    private void Move(SessionMove move)
    {
        if (_session is { IsEnding: false } live && live.Grant.Epoch == move.Epoch)
            _ = PrepareAsync(live).PipeTo(Self, success: () => new MoveReady(live, move));
    }

    private void Offer(MoveReady ready)
    {
        if (!ReferenceEquals(ready.Session, _session) || _session.IsEnding)
            return;
        var grant = _session.Grant;
        _movedTo = (grant.Boot, grant.Epoch, ready.Move.Server);
        _services.Offer(ready.Move.Server, new(_device, grant.Boot, grant.Epoch));
    }

    /// <summary>Only what follows that very session: the message may have been under way for long.</summary>
    private void Take(SessionTake take)
    {
        if (_session is not { IsEnding: false } live || live.Grant.Epoch < take.Epoch)
            Open(login: null, take.Boot, ObstacleOf(take.Boot), take.Epoch);
    }

    private IPEndPoint? PortalAfterMove(SessionLogin login)
    {
        if (_movedTo is not { } moved || (login.Boot is { } boot && boot != moved.Boot))
            return null;
        _movedTo = null;
        return _services.PortalOf(moved.Server, _device, login.Request.Protocol);
    }

    private void SayOver(Epoch epoch, string reason)
    {
        if (_movedTo is { } moved && moved.Epoch == epoch)
        {
            Log.SessionMoved(_log, _device, epoch, moved.Server);
            Step(BootSteps.Moved, $"to {moved.Server}");
        }
        else
            Log.SessionOver(_log, _device, epoch, reason);
    }

    private static async Task PrepareAsync(LiveSession live)
    {
        using var limit = new CancellationTokenSource(s_prepareLimit);
        try
        {
            await live.PrepareMoveAsync(limit.Token);
        }
        catch (Exception failed) when (failed is OperationCanceledException or ObjectDisposedException)
        {
            // It has ended meanwhile, or is slow: what is not flushed goes on with the device.
        }
    }

    private sealed record MoveReady(LiveSession Session, SessionMove Move);

    private sealed record TakenLate(SessionSuperseded Superseded)
    {
        public const string Key = "taken-late";
    }
}

/// <summary>The device is to go on at another server, which has a copy of its write cache.</summary>
/// <param name="Epoch">Of the session that is meant.</param>
public sealed record SessionMove(DeviceId Device, Epoch Epoch, string Server) : IDeviceSessionMessage;

/// <summary>Another server's session is to go on here, before its device comes.</summary>
/// <param name="Epoch">Of that session.</param>
public sealed record SessionTake(DeviceId Device, BootId Boot, Epoch Epoch) : IDeviceSessionMessage;
