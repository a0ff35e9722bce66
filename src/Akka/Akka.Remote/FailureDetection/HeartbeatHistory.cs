namespace Akka.Remote;

/// <summary>The last intervals between heartbeats, in milliseconds, with what is needed for mean and deviation.</summary>
internal sealed class HeartbeatHistory(int maxSampleSize)
{
    private readonly Queue<long> _intervals = new();
    private double _sum;
    private double _squaredSum;

    public double Mean => _sum / _intervals.Count;

    // Rounding may bring the difference of two large numbers a little below zero.
    public double StdDeviation => Math.Sqrt(Math.Max(0, (_squaredSum / _intervals.Count) - (Mean * Mean)));

    public void Add(long interval)
    {
        if (_intervals.Count >= maxSampleSize)
        {
            var oldest = _intervals.Dequeue();
            _sum -= oldest;
            _squaredSum -= (double)oldest * oldest;
        }
        _intervals.Enqueue(interval);
        _sum += interval;
        _squaredSum += (double)interval * interval;
    }
}
