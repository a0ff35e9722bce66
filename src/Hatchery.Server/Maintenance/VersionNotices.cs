using System.Threading.Channels;
using Hatchery.Devices;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>
/// Says in the timelines of machines that this server speaks for, and in its log, what becomes of the version that they are on. Not where it is decided:
/// that is the vDisk, and to find these machines in a large farm takes a while.
/// </summary>
internal sealed class VersionNotices : IAsyncDisposable
{
    /// <summary>More than one canary has to tell; of what is beyond that, `pbm vdisk version canary` knows.</summary>
    private const int WaitingMax = 4096;

    private readonly Farm _farm;
    private readonly string _server;
    private readonly Func<string, bool> _speaksFor;
    private readonly Action<TimelineStep> _timeline;
    private readonly ILogger<VersionNotices> _log;
    private readonly Channel<(VDiskState Disk, IVDiskEvent? Judged)> _notices = Channel.CreateBounded<(
        VDiskState,
        IVDiskEvent?
    )>(new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task _telling;

    /// <param name="speaksFor">Whether it is for this server to say what concerns machines of that one.</param>
    public VersionNotices(
        Farm farm,
        string server,
        Func<string, bool> speaksFor,
        Action<TimelineStep> timeline,
        ILogger<VersionNotices> log
    )
    {
        (_farm, _server, _speaksFor, _timeline, _log) = (farm, server, speaksFor, timeline, log);
        farm.Services.View.VersionReplaced += Replaced;
        farm.Services.View.CanaryJudged += Judged;
        _telling = Task.Run(TellAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _farm.Services.View.VersionReplaced -= Replaced;
        _farm.Services.View.CanaryJudged -= Judged;
        _notices.Writer.TryComplete();
        await _telling;
    }

    private void Replaced(VDiskState disk) => _notices.Writer.TryWrite((disk, null));

    private void Judged(VDiskState disk, IVDiskEvent judged) => _notices.Writer.TryWrite((disk, judged));

    private async Task TellAsync()
    {
        await foreach (var (disk, judged) in _notices.Reader.ReadAllAsync())
            Tell(disk, judged);
    }

    private void Tell(VDiskState disk, IVDiskEvent? judged)
    {
        var (farm, now) = (_farm.View.Current, _farm.Services.Time.GetUtcNow());
        switch (judged)
        {
            case null:
                foreach (var (device, detail) in farm.KeptOnReplaced(disk, now))
                    Step(device, BootSteps.VersionReplaced, detail);
                break;
            case CanaryCounted { HasRun: false } failed when farm.Device(failed.Device) is { } device:
                Step(device, BootSteps.CanaryFailed, $"{disk.Name}: {failed.Why}");
                break;
            case CanaryProven proven:
                Log.CanaryProven(_log, disk.Name, proven.Number);
                break;
            case CanaryEnded { Outcome: CanaryOutcome.Returned } returned:
                Log.CanaryReturned(_log, disk.Name, returned.Number, returned.Reason);
                foreach (
                    var device in disk.Users.Where(u => u.Value == returned.Number).Select(u => farm.Device(u.Key))
                )
                    Step(
                        device,
                        BootSteps.VersionReturned,
                        $"version {returned.Number} of {disk.Name}, which it is on, was returned from: {returned.Reason}"
                    );
                break;
            case CanaryEnded ended:
                Log.CanaryEnded(_log, disk.Name, ended.Number, ended.Outcome, ended.Reason);
                break;
        }

        void Step(DeviceState? device, string step, string detail)
        {
            if (device?.Boot is { } boot && _speaksFor(boot.Server))
                _timeline(new(device.Id, now, step, _server, detail));
        }
    }
}
