using System.Diagnostics;
using System.Net.Sockets;
using EndToEnd;

namespace Hatchery.Benchmarks;

/// <summary>A machine that reads and writes at a modest pace, one request after the other, and now and then has its writes made durable.</summary>
internal sealed class PacedMachine : IAsyncDisposable
{
    private const int BlockBytes = 4 << 10;
    private const int FlushEvery = 8;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private readonly NbdCrowdDisk _disk;
    private readonly Random _random;
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;

    private PacedMachine(NbdCrowdDisk disk, Random random) => (_disk, _random) = (disk, random);

    /// <exception cref="IOException">The server refuses.</exception>
    public static async Task<PacedMachine> LogInAsync(NetworkStream stream, string name, Random random) =>
        new(await NbdCrowdDisk.LogInAsync(stream, name, CancellationToken.None), random);

    /// <param name="now">What is measured at the moment.</param>
    public void Run(Func<Waiting> now) => _running = Task.Run(() => RunAsync(now));

    /// <summary>Ends it; an I/O error that it had comes out here.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        await _disk.DisposeAsync();
        _ending.Dispose();
    }

    private async Task RunAsync(Func<Waiting> now)
    {
        var block = new byte[BlockBytes];
        try
        {
            await Task.Delay(s_pause * _random.NextDouble(), _ending.Token);
            for (var request = 1; ; request++)
            {
                Waiting waiting;
                do waiting = now();
                while (!waiting.TryBegin());
                var began = Stopwatch.GetTimestamp();
                var offset = _random.NextInt64(PromotionFarm.DiskBytes / BlockBytes) * BlockBytes;
                var isFlush = request % FlushEvery == 0;
                if (isFlush)
                    await _disk.FlushAsync(CancellationToken.None);
                else if (request % 2 == 0)
                    await _disk.ReadAsync(offset, block, CancellationToken.None);
                else
                    await _disk.WriteAsync(offset, block, CancellationToken.None);
                waiting.End(Stopwatch.GetElapsedTime(began), isFlush);
                await Task.Delay(s_pause, _ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Switched off.
        }
    }
}
