using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming;

/// <summary>What happens to the disk while it is open: its faults, its limit, its copies.</summary>
internal sealed partial class DeviceSession
{
    private static readonly TimeSpan s_levelPause = TimeSpan.FromMinutes(1);

    /// <summary>Then a disk that was full may have room, and no other server may have the copy any more.</summary>
    private static readonly TimeSpan s_obstacleLasts = TimeSpan.FromSeconds(10);

    private CacheLevel _level;
    private CacheLevel _saidLevel;

    private void Noticed(DiskNotice notice)
    {
        if (_session is not { IsEnding: false } live || live.Grant.Epoch != notice.Epoch)
            return;
        if (notice.Fault is { } fault)
        {
            Stopped(live, fault.ToString());
            return;
        }
        _level = notice.Level;
        // A disk at the edge of its limit goes back and forth; what it has come to in a minute is often enough to hear of it.
        if (!Timers.IsTimerActive(LevelDue.Key))
            SayLevel();
    }

    private void Stopped(LiveSession live, string fault)
    {
        if (live.IsUnattended)
            Log.DiskStopped(_log, _device, live.Grant.Epoch, fault);
        else if (live.GoesOnElsewhere)
        {
            Log.DiskGoesElsewhere(_log, _device, live.Grant.Epoch, fault);
            // It asks here first, most likely.
            _obstacle = (live.Grant.Boot, $"the disk failed here: {fault}");
            Timers.StartSingleTimer(ObstacleOver.Key, new ObstacleOver(), s_obstacleLasts);
            StartOffTimer();
            Enter(DevicePhase.Lost, fault);
        }
        else
        {
            Log.DiskStopped(_log, _device, live.Grant.Epoch, fault);
            Timers.Cancel(OffTimeout.Key);
            Enter(DevicePhase.Off, fault, BootSteps.Stopped);
        }
        _ = CloseAsync(live, Self);
    }

    private void Noticed(CopyNotice notice)
    {
        if (_session is not { IsEnding: false } live || live.Grant.Epoch != notice.Epoch)
            return;
        switch (notice.Happened)
        {
            case MirrorNotice.MemberAdded added:
                Copies(BootSteps.CopyAdded, $"{added.Server} has a copy of its write cache, one of {added.Copies}");
                break;
            case MirrorNotice.MemberReleased released:
                Copies(BootSteps.CopyLeft, $"{released.Server} needs its copy no more; {released.CopiesLeft} are left");
                break;
            case MirrorNotice.JoinFailed failed:
                Copies(BootSteps.CopyNotAdded, $"{failed.Server} gets no copy of its write cache: {failed.Reason}");
                break;
            case MirrorNotice.MemberFailed failed:
                Alarm(BootSteps.CopyLost, $"the copy of its write cache at {failed.Server}: {failed.Reason}");
                break;
            case MirrorNotice.RemovalWaits waits:
                Alarm(
                    BootSteps.Waits,
                    $"its writes wait: the farm database has to note that {waits.Server} has no copy any more, and does not answer"
                );
                break;
            case MirrorNotice.MemberRemoved { CopiesLeft: 1 }:
                Alarm(BootSteps.CopyAlone, "its write cache is at this server alone");
                break;
            case MirrorNotice.MemberRemoved removed:
                Alarm(BootSteps.CopyLeft, $"{removed.Server} has no copy any more; {removed.CopiesLeft} are left");
                break;
        }

        void Copies(string step, string detail)
        {
            Log.CopiesChanged(_log, _device, notice.Epoch, step, detail);
            Step(step, detail);
        }

        void Alarm(string step, string detail)
        {
            Log.CopyLost(_log, _device, notice.Epoch, step, detail);
            Step(step, detail);
        }
    }

    private void SayLevel()
    {
        if (_session is null || _level == _saidLevel)
            return;
        _saidLevel = _level;
        Timers.StartSingleTimer(LevelDue.Key, new LevelDue(), s_levelPause);
        var (step, detail) = _level switch
        {
            CacheLevel.Full => (
                BootSteps.CacheFull,
                "writes of new blocks are refused with \"no space\"; see pbm device show"
            ),
            CacheLevel.Warning => (BootSteps.CacheFilling, "its write cache is near its limit"),
            _ => (BootSteps.CacheHasRoom, "its write cache takes writes again"),
        };
        Log.CacheLevelChanged(_log, _device, step, detail);
        Step(step, detail);
    }

    private sealed record LevelDue
    {
        public const string Key = "level";
    }

    private sealed record ObstacleOver
    {
        public const string Key = "obstacle";
    }
}
