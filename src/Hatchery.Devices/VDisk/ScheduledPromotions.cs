using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Devices;

/// <summary>
/// Tells vDisks when the time of a scheduled promotion has come. Every server does, as its farm view has it: what is scheduled is in the
/// journal, and the vDisk promotes once, whoever tells it.
/// </summary>
public sealed class ScheduledPromotions : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    private readonly Farm _farm;
    private readonly ILogger<ScheduledPromotions> _log;
    private readonly Dictionary<VDiskId, string> _said = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;

    public ScheduledPromotions(Farm farm, ILogger<ScheduledPromotions> log)
    {
        (_farm, _log) = (farm, log);
        _watching = WatchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        _ending.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(s_interval, _farm.Services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
                await LookAsync();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task LookAsync()
    {
        var now = _farm.Services.Time.GetUtcNow();
        foreach (var vDisk in _farm.View.Current.VDisks.Where(v => v.Scheduled is { } s && s.From <= now).ToArray())
        {
            string? trouble;
            try
            {
                trouble = (await _farm.AskAsync(_farm.VDisks, new PromoteDue(vDisk.Id)) as Reply.Refused)?.Reason;
            }
            catch (Exception away) when (!_ending.IsCancellationRequested)
            {
                trouble = away.Message;
            }
            if (trouble is not null && _said.GetValueOrDefault(vDisk.Id) != trouble)
                Log.PromotionWaits(_log, vDisk.Name, trouble);
            _said[vDisk.Id] = trouble ?? "";
        }
    }
}
