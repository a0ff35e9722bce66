using System.Threading.Channels;
using Hatchery.Devices;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>
/// Says in the timelines of machines that this server speaks for, and in its log, what becomes of the version that they are on. Not where it is decided:
/// that is the vDisk, and to find these machines in a large farm takes a while: they are looked at a slice at a time, and the next one when what is to be said of the one
/// before is written.
/// </summary>
internal sealed class VersionNotices : IAsyncDisposable
{
    /// <summary>More than one canary has to tell; of what is beyond that, `pbm vdisk version canary` knows.</summary>
    private const int WaitingMax = 4096;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Farm _farm;
    private readonly string _server;
    private readonly Func<string, bool> _speaksFor;
    private readonly TimelineLog _timeline;
    private readonly ILogger<VersionNotices> _log;
    private readonly Channel<(VDiskState Disk, IVDiskEvent? Judged)> _notices = Channel.CreateBounded<(
        VDiskState,
        IVDiskEvent?
    )>(new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _telling;

    /// <param name="speaksFor">Whether it is for this server to say what concerns machines of that one.</param>
    public VersionNotices(
        Farm farm,
        string server,
        Func<string, bool> speaksFor,
        TimelineLog timeline,
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
        await _ending.CancelAsync();
        await _telling;
        _ending.Dispose();
    }

    private void Replaced(VDiskState disk) => _notices.Writer.TryWrite((disk, null));

    private void Judged(VDiskState disk, IVDiskEvent judged) => _notices.Writer.TryWrite((disk, judged));

    private async Task TellAsync()
    {
        try
        {
            await foreach (var (disk, judged) in _notices.Reader.ReadAllAsync())
                if (judged is null)
                    await TellReplacedAsync(disk);
                else
                    await TellAsync(disk, judged);
        }
        catch (OperationCanceledException)
        {
            // Stopping; the version list and the devices' next boots say the same.
        }
    }

    private async Task TellReplacedAsync(VDiskState disk)
    {
        var (farm, now) = (_farm.View.Current, _farm.Services.Time.GetUtcNow());
        foreach (var slice in farm.DeviceSlices)
        {
            foreach (var (device, detail) in farm.KeptOnReplaced(slice, disk, now))
                Step(device, BootSteps.VersionReplaced, detail);
            await RoomAsync();
        }
    }

    private async Task RoomAsync()
    {
        _ending.Token.ThrowIfCancellationRequested();
        await Task.Yield();
        while (!_timeline.HasRoom)
            await Task.Delay(s_pause, _farm.Services.Time, _ending.Token);
    }

    private async Task TellAsync(VDiskState disk, IVDiskEvent judged)
    {
        var farm = _farm.View.Current;
        switch (judged)
        {
            case CanaryCounted { HasRun: false } failed when farm.Device(failed.Device) is { } device:
                Step(device, BootSteps.CanaryFailed, $"{disk.Name}: {failed.Why}");
                break;
            case CanaryProven proven:
                Log.CanaryProven(_log, disk.Name, proven.Number);
                break;
            case CanaryEnded { Outcome: CanaryOutcome.Returned } returned:
                Log.CanaryReturned(_log, disk.Name, returned.Number, returned.Reason);
                foreach (
                    var slice in disk.Users.Where(u => u.Value == returned.Number).Chunk(FarmSnapshot.SliceDevices)
                )
                {
                    foreach (var (device, _) in slice)
                        Step(
                            farm.Device(device),
                            BootSteps.VersionReturned,
                            $"version {returned.Number} of {disk.Name}, which it is on, was returned from: {returned.Reason}"
                        );
                    await RoomAsync();
                }
                break;
            case CanaryEnded ended:
                Log.CanaryEnded(_log, disk.Name, ended.Number, ended.Outcome, ended.Reason);
                break;
        }
    }

    private void Step(DeviceState? device, string step, string detail)
    {
        if (device?.Boot is { } boot && _speaksFor(boot.Server))
            _timeline.Add(new(device.Id, _farm.Services.Time.GetUtcNow(), step, _server, detail));
    }
}
