using Akka.Actor;
using Hatchery.Devices;

namespace Hatchery.Streaming;

/// <summary>How the device is, as its keeper and its timeline hear of it.</summary>
internal sealed partial class DeviceSession
{
    private static readonly TimeSpan s_keeperTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_firstTold = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestTold = TimeSpan.FromSeconds(60);

    private TimeSpan _toldPause = s_firstTold;

    private void Released(ShareReleased released)
    {
        if (!ReferenceEquals(released.Session, _session) || _session is { IsEnding: true } or { Shares: > 0 })
            return;
        StartOffTimer();
        Enter(DevicePhase.Lost, "the last connection is gone");
    }

    private void Off()
    {
        if (_session is { Shares: > 0 })
            return;
        Enter(DevicePhase.Off, "");
        _ = CloseAsync(_session, Self);
    }

    /// <summary>A timer that runs already goes on: refused logins do not keep a machine from being off.</summary>
    private void StartOffTimer()
    {
        if (!Timers.IsTimerActive(OffTimeout.Key))
            Timers.StartSingleTimer(OffTimeout.Key, new OffTimeout(), _services.OffAfter);
    }

    private void Enter(DevicePhase phase, string detail, string? step = null)
    {
        if (phase == _phase)
            return;
        _phase = phase;
        _toldPause = s_firstTold;
        Tell();
        Step(
            step
                ?? phase switch
                {
                    DevicePhase.SessionOpen => BootSteps.SessionOpen,
                    DevicePhase.Running => BootSteps.Running,
                    DevicePhase.Lost => BootSteps.Lost,
                    _ => BootSteps.Off,
                },
            detail
        );
    }

    /// <summary>The keeper has to hear of it, and it cannot take it in while its database is away.</summary>
    private void Tell()
    {
        var report = new ReportPhase(_device, _epoch, _phase);
        _ = _services
            .Keepers()
            .Ask<Reply>(report, s_keeperTimeout)
            .PipeTo(
                Self,
                success: reply => new PhaseTold(report, reply is not Reply.Refused { Refusal: Refusal.Unavailable }),
                failure: _ => new PhaseTold(report, IsTaken: false)
            );
    }

    private void Told(PhaseTold told)
    {
        if (told.IsTaken || (told.Report.Epoch, told.Report.Phase) != (_epoch, _phase))
            return;
        Timers.StartSingleTimer(TellAgain.Key, new TellAgain(told.Report), _toldPause);
        _toldPause = _toldPause * 2 < s_longestTold ? _toldPause * 2 : s_longestTold;
    }

    private void Step(string step, string detail) =>
        _services.Timeline(new(_device, _services.Time.GetUtcNow(), step, _services.Server, detail));

    private sealed record PhaseTold(ReportPhase Report, bool IsTaken);

    private sealed record TellAgain(ReportPhase Report)
    {
        public const string Key = "tell-again";
    }

    private sealed record OffTimeout
    {
        public const string Key = "off";
    }
}
