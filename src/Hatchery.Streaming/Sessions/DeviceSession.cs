using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>
/// One device at this server. Logins of the current boot share one session; any other login goes to the keeper, which grants a
/// new epoch or refuses. While that is under way, further logins wait in order.
/// </summary>
internal sealed partial class DeviceSession : ReceiveActor, IWithStash, IWithTimers
{
    /// <summary>Logins of one device that wait for an opening; a machine has two or three under way at most.</summary>
    private const int WaitingMax = 32;

    private readonly DeviceId _device;
    private readonly StreamerServices _services;
    private readonly ILogger _log;
    private readonly SessionOpening _opening;
    private LiveSession? _session;
    private Task<SessionOpened>? _underWay;
    private DevicePhase _phase = DevicePhase.Off;
    private Epoch _epoch;
    private bool _isFirstLogin;
    private int _waiting;
    private (BootId Boot, string Why)? _obstacle;

    public DeviceSession(DeviceId device, StreamerServices services)
    {
        (_device, _services) = (device, services);
        _log = services.Logs.CreateLogger<DeviceSession>();
        _opening = new(device, services, _log);
        Ready();
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PostStop() => _ = EndAsync(_session, _underWay);

    private void Ready()
    {
        Receive<SessionLogin>(login =>
        {
            // Its gate gave it up while it waited here.
            if (login.Answer.IsCompleted)
                return;
            if (
                _session is { IsEnding: false, IsUnattended: false } live
                && (login.Boot is null || login.Boot == live.Grant.Boot)
            )
                Confirm(login, live);
            else
                Open(login);
        });
        Receive<Confirmed>(Answered);
        Receive<ShareReleased>(Released);
        Receive<OffTimeout>(_ => Off());
        Receive<PhaseTold>(Told);
        Receive<TellAgain>(again =>
        {
            if ((again.Report.Epoch, again.Report.Phase) == (_epoch, _phase))
                Tell();
        });
        Receive<Closed>(Forget);
        Receive<DiskNotice>(Noticed);
        Receive<CopyNotice>(Noticed);
        Receive<SessionOver>(Noticed);
        Receive<LevelDue>(_ => SayLevel());
        Receive<ObstacleOver>(_ => _obstacle = null);
        Receive<SessionExpected>(expected =>
        {
            if (_session is not null)
                return;
            (_epoch, _phase) = (expected.Epoch, DevicePhase.Running);
            StartOffTimer();
            Enter(DevicePhase.Lost, "the server has started again");
        });
        Receive<StreamerStop>(Stop);
        Receive<SessionRevoked>(_ => Revoke());
        Receive<SessionCut>(_ => Cut());
        Receive<SessionSuperseded>(Supersede);
        Receive<TakenLate>(late => End(late.Superseded));
        Receive<SessionMove>(Move);
        Receive<MoveReady>(Offer);
        Receive<SessionTake>(Take);
        Receive<UnattendedSession>(OpenUnattended);
        Receive<UnattendedEnd>(End);
    }

    /// <summary>The keeper has been asked; what comes meanwhile waits.</summary>
    /// <param name="login">Null: the device is to come later.</param>
    private void Opening(SessionLogin? login)
    {
        Receive<SessionOpened.Live>(opened => Opened(login, opened.Session));
        Receive<SessionOpened.Not>(refused => NotOpened(login, refused));
        Receive<Closed>(Forget);
        // Both are asked again when the opening has ended.
        Receive<ShareReleased>(_ => { });
        Receive<OffTimeout>(_ => { });
        Receive<SessionLogin>(late =>
        {
            if (_waiting++ < WaitingMax)
                Stash.Stash();
            else
                late.TryAnswer(new LoginOutcome.Refused(LoginRefusal.Unavailable, "its logins wait in a long line"));
        });
        ReceiveAny(_ => Stash.Stash());
    }

    private void Open(SessionLogin login)
    {
        if (PortalAfterMove(login) is { } portal)
            login.TryAnswer(new LoginOutcome.Redirected(portal));
        else
            Open(login, login.Boot, login.Obstacle ?? ObstacleOf(login.Boot), follows: null);
    }

    private void Open(SessionLogin? login, BootId? boot, string? obstacle, Epoch? follows)
    {
        var self = Self;
        Become(() => Opening(login));
        _underWay = _opening.OpenAsync(
            boot,
            obstacle,
            follows,
            _session,
            session => self.Tell(new ShareReleased(session), ActorRefs.NoSender)
        );
        _ = _underWay.PipeTo(self);
    }

    /// <summary>A boot whose disk failed here goes on elsewhere.</summary>
    private string? ObstacleOf(BootId? boot) =>
        _obstacle is { } own && (boot is null || boot == own.Boot) ? own.Why : null;

    private void Opened(SessionLogin? login, LiveSession live)
    {
        Timers.Cancel(OffTimeout.Key);
        (_session, _movedTo) = (live, null);
        // The keeper holds the machine to have its disk, as it did before.
        (_epoch, _phase, _isFirstLogin) = (live.Grant.Epoch, DevicePhase.SessionOpen, true);
        (_level, _saidLevel) = (CacheLevel.Ok, CacheLevel.Ok);
        Timers.Cancel(LevelDue.Key);
        if (live.IsUnattended)
        {
            OpenedUnattended(live);
            Resume();
            return;
        }
        if (login is null)
        {
            Log.SessionTaken(_log, _device, live.Grant.Epoch);
            StartOffTimer();
            Resume();
            return;
        }
        Log.SessionOpened(
            _log,
            _device,
            live.Grant.Epoch,
            login.Request.Protocol,
            login.Request.Remote,
            live.Grant.IsNewBoot
        );
        Admit(login, live);
        SeeWhoIsLeft();
        Resume();
    }

    private void NotOpened(SessionLogin? login, SessionOpened.Not refused)
    {
        if (refused.IsUnattended)
        {
            NotOpenedUnattended(refused);
            return;
        }
        if (_session is { IsClosed: true })
            _session = null;
        if (refused.Granted is { } granted)
        {
            (_epoch, _phase) = (granted, DevicePhase.SessionOpen);
            if (refused.Failure is OpeningFailure.Elsewhere or OpeningFailure.Overtaken)
                // It is another server's to say how the device is.
                _phase = DevicePhase.Off;
            else
                Enter(refused.IsBootOver ? DevicePhase.Off : DevicePhase.Lost, refused.Reason);
        }
        if (login is null)
            Log.SessionNotTaken(_log, _device, refused.Reason);
        login?.TryAnswer(
            refused.MayGo && _services.PortalOf(refused.Server, _device, login.Request.Protocol) is { } portal
                ? new LoginOutcome.Redirected(portal)
                : new LoginOutcome.Refused(refused.Refusal, refused.Reason)
        );
        SeeWhoIsLeft();
        Resume();
    }

    private void Resume()
    {
        (_underWay, _waiting) = (null, 0);
        Become(Ready);
        Stash.UnstashAll();
    }

    /// <summary>Shares that were given back during an opening were not looked at.</summary>
    private void SeeWhoIsLeft()
    {
        if (_session is { Shares: 0, IsUnattended: false } live)
            Self.Tell(new ShareReleased(live));
        else if (_session is null && _phase == DevicePhase.Lost)
            StartOffTimer();
    }

    /// <summary>A session is shared only while it is the device's newest: the device may have been elsewhere since its streamer heard of it last.</summary>
    private void Confirm(SessionLogin login, LiveSession live)
    {
        var asked = live.ConfirmAsync();
        if (asked.IsCompleted)
            Answered(new(login, live, asked.Result));
        else
            _ = asked.PipeTo(Self, success: isNewest => new Confirmed(login, live, isNewest));
    }

    private void Answered(Confirmed confirmed)
    {
        var (login, live, isNewest) = confirmed;
        if (login.Answer.IsCompleted)
            return;
        if (isNewest && ReferenceEquals(live, _session) && !live.IsEnding)
            Admit(login, live);
        else if (_session is { IsEnding: false } other && !ReferenceEquals(live, other))
            Self.Tell(login, ActorRefs.NoSender);
        else
            Open(login);
    }

    private void Admit(SessionLogin login, LiveSession live)
    {
        var share = live.Share();
        if (!login.TryAnswer(new LoginOutcome.Granted(share)))
        {
            _ = share.DisposeAsync().AsTask();
            return;
        }
        Timers.Cancel(OffTimeout.Key);
        var isBoot = _isFirstLogin && live.Grant.IsNewBoot;
        _isFirstLogin = false;
        var remote = login.Request.Remote.ToString();
        if (isBoot)
            Step(BootSteps.SessionOpen, remote);
        // From the disk's first login under San comes the firmware; what follows, and any login of a kernel's own, is the operating system.
        Enter(
            isBoot && live.Grant.Transport == BootTransport.San ? DevicePhase.SessionOpen : DevicePhase.Running,
            remote
        );
    }

    private void Noticed(SessionOver over)
    {
        if (_session is not { IsEnding: false } live || live.Grant.Epoch != over.Epoch)
            return;
        SayOver(over.Epoch, over.Reason);
        Timers.Cancel(OffTimeout.Key);
        // It is another server's to say how the device is.
        _phase = DevicePhase.Off;
        Revoke();
    }

    /// <summary>The keeper has let the device open its disk elsewhere: what is left here serves nobody.</summary>
    private void Supersede(SessionSuperseded superseded)
    {
        if (superseded.Epoch <= _epoch)
            return;
        if (IsBeingTaken)
            Timers.StartSingleTimer(TakenLate.Key, new TakenLate(superseded), s_takeLimit);
        else
            End(superseded);
    }

    private void End(SessionSuperseded superseded)
    {
        if (superseded.Epoch <= _epoch)
            return;
        if (_session is { IsEnding: false } live)
            SayOver(live.Grant.Epoch, $"{superseded.Epoch} was granted to another server");
        Timers.Cancel(OffTimeout.Key);
        // Nothing of an older epoch is reported any more.
        (_epoch, _phase) = (superseded.Epoch, DevicePhase.Off);
        Revoke();
    }

    private void Revoke() => _ = CloseAsync(_session, Self);

    private void Cut()
    {
        var isHere = _session is { IsEnding: false, IsUnattended: false };
        if (isHere)
        {
            StartOffTimer();
            Enter(DevicePhase.Lost, "an operator cut its connections");
            Revoke();
        }
        Sender.Tell(isHere);
    }

    private void Stop(StreamerStop stop) =>
        _ = CloseAsync(_session, Self).PipeTo(Sender, success: () => Akka.Done.Instance);

    private void Forget(Closed closed)
    {
        if (ReferenceEquals(closed.Session, _session))
            _session = null;
    }

    /// <summary>The session stays known until its disk is closed: a login meanwhile waits for that.</summary>
    private static async Task CloseAsync(LiveSession? session, IActorRef self)
    {
        if (session is null)
            return;
        await session.DisposeAsync();
        self.Tell(new Closed(session), ActorRefs.NoSender);
    }

    private static async Task EndAsync(LiveSession? session, Task<SessionOpened>? underWay)
    {
        if (session is not null)
            await session.DisposeAsync();
        if (underWay is not null && await underWay is SessionOpened.Live late)
            await late.Session.DisposeAsync();
    }

    private sealed record ShareReleased(LiveSession Session);

    private sealed record Confirmed(SessionLogin Login, LiveSession Session, bool IsNewest);

    private sealed record Closed(LiveSession Session);
}

/// <summary>A session that this server had open when it ended: the device is lost, and off unless it comes back in time.</summary>
public sealed record SessionExpected(DeviceId Device, Epoch Epoch) : IDeviceSessionMessage;

/// <summary>The device was removed from the farm: its session, if there is one here, ends with its connections.</summary>
public sealed record SessionRevoked(DeviceId Device) : IDeviceSessionMessage;

/// <summary>An operator wants to see the device come back: its session, if there is one here, ends with its connections. Answered by whether there was one.</summary>
public sealed record SessionCut(DeviceId Device);

/// <summary>Another server has opened a newer session of the device: the one here, if there is one, is over.</summary>
public sealed record SessionSuperseded(DeviceId Device, Epoch Epoch) : IDeviceSessionMessage;

/// <summary>Ends every session of this server in good order; answered by <see cref="Akka.Done"/>.</summary>
public sealed record StreamerStop;
