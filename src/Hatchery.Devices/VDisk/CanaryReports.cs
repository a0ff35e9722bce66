using System.Threading.Channels;

namespace Hatchery.Devices;

/// <summary>
/// Tells vDisks which devices were sent the kernel of a version that a canary tries: one whose kernel does not start is never heard of again. A device
/// whose firmware attaches the disk says so itself, by its login.
/// </summary>
public sealed class CanaryReports : IAsyncDisposable
{
    /// <summary>What waits for a vDisk that does not answer; a device beyond that is counted when it asks for its disk.</summary>
    private const int WaitingMax = 1024;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Farm _farm;
    private readonly IDisposable _watching;
    private readonly CancellationTokenSource _ending = new();
    private readonly Channel<TryCanary> _reports = Channel.CreateBounded<TryCanary>(
        new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );
    private readonly Task _telling;

    public CanaryReports(Farm farm, TimelineLog timeline)
    {
        _farm = farm;
        _watching = timeline.Watch(Noticed);
        _telling = Task.Run(TellAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _watching.Dispose();
        await _ending.CancelAsync();
        await _telling;
        _ending.Dispose();
    }

    private void Noticed(TimelineStep step)
    {
        if (step.Step != BootSteps.ScriptSent)
            return;
        var farm = _farm.View.Current;
        if (
            farm.Device(step.Device) is { Capture: null } device
            && farm.AssignmentOf(device) is { Transport: not BootTransport.San } assignment
            && farm.VDisk(assignment.VDisk)?.Canary is { } canary
            && farm.NextBootOf(device, step.At)?.Version.Number == canary.Number
        )
            _reports.Writer.TryWrite(new(assignment.VDisk, device.Id, canary.Number, step.At));
    }

    private async Task TellAsync()
    {
        try
        {
            await foreach (var report in _reports.Reader.ReadAllAsync(_ending.Token))
                while (
                    _farm.View.Current.VDisk(report.VDisk)?.Canary?.Number == report.Number
                    && !await IsToldAsync(report)
                )
                    await Task.Delay(s_pause, _farm.Services.Time, _ending.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task<bool> IsToldAsync(TryCanary report)
    {
        try
        {
            return await _farm.AskAsync(_farm.VDisks, report) is not Reply.Refused { Refusal: Refusal.Unavailable };
        }
        catch (Exception) when (!_ending.IsCancellationRequested)
        {
            // Nobody answers just now.
            return false;
        }
    }
}
