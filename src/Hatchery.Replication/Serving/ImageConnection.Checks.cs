using Hatchery.Disks;

namespace Hatchery.Replication;

internal sealed partial class ImageConnection
{
    /// <summary>More often than a connection may stand still.</summary>
    private TimeSpan SayEvery => options.IdleTimeout / 4;

    /// <summary>What takes minutes says how far it is, so that the other end knows that it goes on; it ends with the connection.</summary>
    private async Task<string?> SendFindingsAsync(
        FrameStream frames,
        FrameKind kind,
        LayerId id,
        CancellationToken cancellation
    )
    {
        if (checks is null)
            return "this server checks nothing for others";
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var progress = new Percentage();
        var work = kind == FrameKind.Check ? CheckAsync() : RepairAsync();
        try
        {
            while (!work.IsCompleted)
            {
                await Task.WhenAny(work, Task.Delay(SayEvery, time, ending.Token));
                if (!work.IsCompleted)
                    await frames.WriteAsync(FrameKind.Progress, new[] { (byte)progress.Value }, cancellation);
            }
            await frames.WriteAsync(FrameKind.Findings, CheckFinding.ToJson(await work), cancellation);
            return null;
        }
        finally
        {
            await ending.CancelAsync();
            await work.ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        Task<IReadOnlyList<CheckFinding>> CheckAsync() => checks.CheckAsync(id, progress, cancellation: ending.Token);

        async Task<IReadOnlyList<CheckFinding>> RepairAsync() => [await checks.RepairAsync(id, progress, ending.Token)];
    }

    private sealed class Percentage : IProgress<int>
    {
        private volatile int _value;

        public int Value => _value;

        public void Report(int value) => _value = Math.Clamp(value, 0, 100);
    }
}
