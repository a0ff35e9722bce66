using System.Net;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>
/// The way from a login to an open disk: the keeper's grant, the end of the session before, the disk, and the keeper's word that
/// nobody else was faster.
/// </summary>
internal sealed class SessionOpening(DeviceId device, StreamerServices services, ILogger log)
{
    private static readonly TimeSpan s_keeperTimeout = TimeSpan.FromSeconds(8);

    /// <summary>Never fails.</summary>
    /// <param name="current">The session that the grant puts an end to; without a grant it goes on.</param>
    public async Task<SessionOpened> OpenAsync(BootId? boot, LiveSession? current, Action<LiveSession> onReleased)
    {
        var reply = await AskAsync(new OpenSession(device, boot, services.Server));
        if (reply is Reply.Elsewhere elsewhere)
            return new SessionOpened.Not(
                LoginRefusal.Unavailable,
                elsewhere.Reason,
                Granted: null,
                IsBootOver: false,
                services.PortalOf(elsewhere.Server, device)
            );
        if (reply is not SessionGrant grant)
            return Refused(reply, granted: null);
        // The keeper has raised the epoch: whatever was open here is over, and nothing of it may be in flight when the new one opens.
        if (current is not null)
            await current.DisposeAsync();
        IDisk disk;
        try
        {
            if (grant.Retired is { } retired)
                services.Disks.SetAside(retired);
            disk = await services.Disks.OpenAsync(grant, CancellationToken.None);
        }
        catch (Exception lost)
        {
            Log.DiskNotOpened(log, lost, device, grant.Epoch);
            var mustBoot = lost is SessionDiskException { DeviceMustBoot: true };
            return new SessionOpened.Not(
                mustBoot ? LoginRefusal.NotFound : LoginRefusal.Unavailable,
                lost.Message,
                grant.Epoch,
                // A boot that never had its disk has nothing to go on with.
                IsBootOver: mustBoot || grant.IsNewBoot
            );
        }
        var confirmed = await AskAsync(new ConfirmSession(device, grant.Epoch, services.Server));
        var session = new LiveSession(grant, disk, onReleased, log);
        if (confirmed is Reply.Done)
            return new SessionOpened.Live(session);
        await session.DisposeAsync();
        return Refused(confirmed, grant.Epoch);
    }

    private async Task<Reply> AskAsync(IDeviceCommand command)
    {
        try
        {
            return await services.Keepers().Ask<Reply>(command, s_keeperTimeout);
        }
        catch (Exception away)
        {
            return new Reply.Refused(Refusal.Unavailable, $"the device's keeper does not answer: {away.Message}");
        }
    }

    private static SessionOpened.Not Refused(Reply reply, Epoch? granted)
    {
        var (refusal, reason) = reply is Reply.Refused refused
            ? (refused.Refusal, refused.Reason)
            : (Refusal.Unavailable, $"the keeper answered {reply.GetType().Name}");
        return new(
            refusal switch
            {
                Refusal.NotFound => LoginRefusal.NotFound,
                Refusal.Stale => LoginRefusal.NotAuthorized,
                _ => LoginRefusal.Unavailable,
            },
            reason,
            granted,
            IsBootOver: false
        );
    }
}

/// <summary>What came of an opening.</summary>
internal abstract record SessionOpened
{
    private SessionOpened() { }

    public sealed record Live(LiveSession Session) : SessionOpened;

    /// <param name="Granted">The epoch that the keeper had granted; with one, the session before is over.</param>
    /// <param name="Portal">The server that has or takes the session, where a protocol can send the device there.</param>
    public sealed record Not(
        LoginRefusal Refusal,
        string Reason,
        Epoch? Granted,
        bool IsBootOver,
        IPEndPoint? Portal = null
    ) : SessionOpened;
}
