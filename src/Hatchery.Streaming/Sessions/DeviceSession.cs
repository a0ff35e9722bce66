using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>
/// One device at this server. Logins of the current boot share one session; any other login goes to the keeper, which grants a
/// new epoch or refuses. While that is under way, further logins wait in order.
/// </summary>
internal sealed class DeviceSession : ReceiveActor, IWithStash, IWithTimers
{
    private static readonly TimeSpan s_keeperTimeout = TimeSpan.FromSeconds(8);

    private readonly DeviceId _device;
    private readonly StreamerServices _services;
    private readonly ILogger _log;
    private LiveSession? _session;
    private DevicePhase _phase = DevicePhase.Off;
    private Epoch _epoch;

    public DeviceSession(DeviceId device, StreamerServices services)
    {
        (_device, _services) = (device, services);
        _log = services.Logs.CreateLogger<DeviceSession>();
        Ready();
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PostStop() => _ = _session?.DisposeAsync().AsTask();

    private void Ready()
    {
        Receive<SessionLogin>(login =>
        {
            if (_session is { } live && (login.Boot is null || login.Boot == live.Grant.Boot))
                Admit(login, live, Sender);
            else
                AskKeeper(login);
        });
        Receive<ShareReleased>(Released);
        Receive<OffTimeout>(_ => End(DevicePhase.Off));
        Receive<SessionExpected>(expected =>
        {
            if (_session is not null)
                return;
            (_epoch, _phase) = (expected.Epoch, DevicePhase.Running);
            Enter(DevicePhase.Lost, "the server has started again", isNewBoot: false);
            Timers.StartSingleTimer(OffTimeout.Key, new OffTimeout(), _services.OffAfter);
        });
        Receive<StreamerStop>(stop =>
        {
            var asker = Sender;
            _ = CloseAsync().PipeTo(asker, success: () => Akka.Done.Instance, failure: _ => Akka.Done.Instance);
        });
    }

    /// <summary>The keeper has been asked; only its answer is taken.</summary>
    private void Opening(SessionLogin login, IActorRef asker)
    {
        Receive<Opened>(opened =>
        {
            _session = opened.Session;
            _epoch = opened.Session.Grant.Epoch;
            _phase = DevicePhase.SessionOpen;
            Log.SessionOpened(
                _log,
                _device,
                opened.Session.Grant.Epoch,
                login.Request.Protocol,
                login.Request.Remote,
                opened.Session.Grant.IsNewBoot
            );
            if (!opened.Session.Grant.IsNewBoot)
                _phase = DevicePhase.Lost;
            Admit(login, opened.Session, asker);
            Resume();
        });
        Receive<NotOpened>(refused =>
        {
            if (_session is { IsEnding: true })
                _session = null;
            asker.Tell(new LoginOutcome.Refused(refused.Refusal, refused.Reason));
            Resume();
        });
        Receive<ShareReleased>(_ => { });
        Receive<OffTimeout>(_ => { });
        ReceiveAny(_ => Stash.Stash());
    }

    private void Resume()
    {
        Become(Ready);
        Stash.UnstashAll();
        if (_session is { Shares: 0 } live)
            Self.Tell(new ShareReleased(live));
    }

    private void AskKeeper(SessionLogin login)
    {
        var asker = Sender;
        Become(() => Opening(login, asker));
        _ = OpenAsync(login.Boot, _session, Self)
            .PipeTo(Self, failure: cause => new NotOpened(LoginRefusal.Unavailable, cause.Message));
    }

    private async Task<object> OpenAsync(BootId? boot, LiveSession? current, IActorRef self)
    {
        var reply = await _services.Keepers.Ask<Reply>(
            new OpenSession(_device, boot, _services.Server),
            s_keeperTimeout
        );
        if (reply is not SessionGrant grant)
            return Refused(reply);
        // The keeper has raised the epoch: whatever was open here is over, and nothing of it may be in flight when the new one opens.
        if (current is not null)
            await current.DisposeAsync();
        if (grant.Retired is { } retired)
            _services.Disks.SetAside(retired);
        IDisk disk;
        try
        {
            disk = await _services.Disks.OpenAsync(grant, CancellationToken.None);
        }
        catch (SessionDiskException lost)
        {
            Log.DiskNotOpened(_log, lost, _device, grant.Epoch);
            return new NotOpened(lost.DeviceMustBoot ? LoginRefusal.NotFound : LoginRefusal.Unavailable, lost.Message);
        }
        var confirmed = await ConfirmAsync(grant);
        if (confirmed is Reply.Done)
            return new Opened(new LiveSession(grant, disk, session => self.Tell(new ShareReleased(session))));
        await disk.DisposeAsync();
        return Refused(confirmed);
    }

    private async Task<Reply> ConfirmAsync(SessionGrant grant)
    {
        try
        {
            return await _services.Keepers.Ask<Reply>(
                new ConfirmSession(_device, grant.Epoch, _services.Server),
                s_keeperTimeout
            );
        }
        catch (AskTimeoutException)
        {
            return new Reply.Refused(Refusal.Unavailable, "the keeper does not answer");
        }
    }

    private void Admit(SessionLogin login, LiveSession live, IActorRef asker)
    {
        Timers.Cancel(OffTimeout.Key);
        var isFirst = live.Logins == 0;
        asker.Tell(new LoginOutcome.Granted(live.Share()));
        // From the disk's first login under San comes the firmware; what follows, and any login of a kernel's own, is the operating system.
        var isFirmware = isFirst && live.Grant is { IsNewBoot: true, Transport: BootTransport.San };
        Enter(
            isFirmware ? DevicePhase.SessionOpen : DevicePhase.Running,
            login.Request.Remote.ToString(),
            isFirst && live.Grant.IsNewBoot
        );
    }

    private void Released(ShareReleased released)
    {
        if (!ReferenceEquals(released.Session, _session) || _session!.Shares > 0)
            return;
        Enter(DevicePhase.Lost, "the last connection is gone", isNewBoot: false);
        Timers.StartSingleTimer(OffTimeout.Key, new OffTimeout(), _services.OffAfter);
    }

    private void End(DevicePhase phase)
    {
        if (_session is { Shares: > 0 })
            return;
        Enter(phase, "", isNewBoot: false);
        _ = CloseAsync().PipeTo(Self, success: () => Akka.Done.Instance);
    }

    private async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _session, null) is { } live)
            await live.DisposeAsync();
    }

    private void Enter(DevicePhase phase, string detail, bool isNewBoot)
    {
        if (isNewBoot)
            Step("session-open", detail);
        if (phase == _phase)
            return;
        _phase = phase;
        _services.Keepers.Tell(new ReportPhase(_device, _epoch, phase), ActorRefs.NoSender);
        Step(phase.ToString().ToLowerInvariant(), detail);
    }

    private void Step(string step, string detail) =>
        _services.Timeline(new(_device, _services.Time.GetUtcNow(), step, _services.Server, detail));

    private static NotOpened Refused(Reply reply)
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
            reason
        );
    }

    private sealed record Opened(LiveSession Session);

    private sealed record NotOpened(LoginRefusal Refusal, string Reason);

    private sealed record ShareReleased(LiveSession Session);

    private sealed record OffTimeout
    {
        public const string Key = "off";
    }
}

/// <summary>A session that this server had open when it ended: the device is lost, and off unless it comes back in time.</summary>
public sealed record SessionExpected(DeviceId Device, Epoch Epoch) : IDeviceSessionMessage;

/// <summary>Ends every session of this server in good order; answered by <see cref="Akka.Done"/>.</summary>
public sealed record StreamerStop;
