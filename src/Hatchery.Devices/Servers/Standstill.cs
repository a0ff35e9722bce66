namespace Hatchery.Devices;

/// <summary>
/// Knows when this process stood still (a frozen host, SIGSTOP) for so long that the others may have declared it dead and be in its
/// place. What waited for it meanwhile seems new to it when it goes on, so whoever is to commit asks here first. Thread-safe.
/// </summary>
public sealed class Standstill : IDisposable
{
    /// <summary>No farm has the shards of a silent server elsewhere sooner.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Longer than it takes to hear from the others, or to find that they do not answer.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private long _beat;
    private long? _woke;

    public Standstill(TimeProvider time)
    {
        _time = time;
        _beat = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Look(), null, s_interval, s_interval);
    }

    /// <summary>True from the first moment after a standstill, before anything else can have run, until the others had time to say what happened.</summary>
    public bool IsInDoubt => Look();

    public void Dispose() => _timer.Dispose();

    private bool Look()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (_time.GetElapsedTime(_beat, now) > Limit)
                _woke = now;
            else if (_woke is { } woke && _time.GetElapsedTime(woke, now) > Doubt)
                _woke = null;
            _beat = now;
            return _woke is not null;
        }
    }
}
