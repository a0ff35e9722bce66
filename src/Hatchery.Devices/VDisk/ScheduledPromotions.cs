using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Devices;

/// <summary>
/// Has vDisks look whether the time of a scheduled promotion has come, and how the devices of a canary fare. Every server does, as its farm view has it:
/// what is scheduled or tried is in the journal, and the vDisk decides once, whoever asks it.
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
        foreach (var vDisk in _farm.View.Current.VDisks.ToArray())
        {
            IVDiskCommand? command =
                vDisk.Canary is not null ? new JudgeCanary(vDisk.Id)
                : vDisk.Scheduled?.From <= now ? new PromoteDue(vDisk.Id)
                : null;
            if (command is null)
                continue;
            string? trouble;
            try
            {
                trouble = (await _farm.AskAsync(_farm.VDisks, command) as Reply.Refused)?.Reason;
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
