using System.Globalization;
using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Boot;

/// <summary>A machine that sends its disk, by one request at a time.</summary>
internal sealed class RunningCapture(CaptureOrder order, BootId boot, CaptureHello hello, TimeProvider time)
    : IAsyncDisposable
{
    /// <summary>A machine that sends says something every few seconds.</summary>
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _ending = new();
    private int _percentCompared;

    public CaptureOrder Order => order;

    public BootId Boot => boot;

    /// <summary>The disk, for people.</summary>
    public string What { get; } =
        string.Create(
            CultureInfo.InvariantCulture,
            $"{hello.Disk}, {hello.LengthBytes >> 20} MiB, sectors of {hello.SectorBytes} bytes"
        );

    public DateTimeOffset HeardAt { get; private set; } = time.GetUtcNow();

    /// <summary>What has come of it; null until it begins, and in the end.</summary>
    public Store.Capture? Image { get; set; }

    /// <summary>What came is being compared; null: not all of it is here.</summary>
    public Task<StoreOutcome<ImageManifest>>? Finishing { get; set; }

    /// <summary>Ends what the machine sends just now.</summary>
    public CancellationToken Ending => _ending.Token;

    public CaptureStatus Status(DateTimeOffset now) =>
        new(
            order.Image,
            Finishing is not null ? $"is here, and compared: {_percentCompared} %"
                : Image is not { } image ? "begins"
                : now - HeardAt < s_quiet ? $"{image.Percent} % of {What}"
                : $"{image.Percent} %, and the machine is silent: see its console"
        );

    /// <summary>Null while another request is under way.</summary>
    public IDisposable? TryEnter() => _ending.IsCancellationRequested || !_gate.Wait(0) ? null : Entered();

    public async Task<IDisposable> EnterAsync()
    {
        await _gate.WaitAsync();
        return Entered();
    }

    /// <summary>Reads back what came. To be called by who entered.</summary>
    public Task<StoreOutcome<ImageManifest>> FinishAsync(Store.Capture image) =>
        Task.Run(() => image.FinishAsync(new Compared(this), _ending.Token));

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _gate.WaitAsync();
        try
        {
            if (Finishing is not null)
                await Finishing;
        }
        catch (OperationCanceledException)
        {
            // It goes on when the machine sends again.
        }
        Image?.Dispose();
        Image = null;
        _gate.Release();
    }

    private Entry Entered()
    {
        HeardAt = time.GetUtcNow();
        return new(_gate);
    }

    private sealed class Entry(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }

    private sealed class Compared(RunningCapture of) : IProgress<int>
    {
        public void Report(int value) => of._percentCompared = value;
    }
}
