namespace Hatchery.Disks;

/// <summary>Lets so many bytes a second through, for all who share it: each waits until those before it are paid for. Thread-safe.</summary>
/// <param name="bytesPerSecond">0: no bound.</param>
public sealed class ByteRate(long bytesPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _startedAt = time.GetTimestamp();
    private TimeSpan _paidUntil;

    public async ValueTask TakeAsync(int bytes, CancellationToken cancellation)
    {
        if (bytesPerSecond <= 0)
            return;
        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetElapsedTime(_startedAt);
            var from = _paidUntil > now ? _paidUntil : now;
            wait = from - now;
            _paidUntil = from + TimeSpan.FromSeconds(bytes / (double)bytesPerSecond);
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellation);
    }
}
