using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>
/// Tells operators what is wrong with the store: each thing once a minute, however many requests meet it; and the other servers that it is full, or lost.
/// </summary>
internal sealed class StoreAlarm(ILogger log, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_fullAtLeast = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long? _saidNoSpace;
    private long? _saidNearlyFull;
    private long? _refusedAt;

    /// <summary>A write was refused for want of space, and none was seen since (<see cref="LookForRoom"/>).</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return _refusedAt is not null;
        }
    }

    /// <summary>From now on it is full, or no longer, or lost.</summary>
    public event Action? Changed;

    public void Raise(StoreFault fault)
    {
        if (fault.Kind == StoreFaultKind.NoSpace)
            Refused();
        switch (fault.Kind)
        {
            case StoreFaultKind.NoSpace when IsDue(ref _saidNoSpace):
                Log.StoreFull(log, fault.ToString());
                break;
            case StoreFaultKind.NearlyFull when IsDue(ref _saidNearlyFull):
                Log.StoreNearlyFull(log, fault.ToString());
                break;
            case StoreFaultKind.StoreLost:
                Log.StoreLost(log, fault.ToString());
                Changed?.Invoke();
                break;
            case StoreFaultKind.NoSpace or StoreFaultKind.NearlyFull:
                break;
            default:
                Log.CacheLost(log, fault.ToString());
                break;
        }
    }

    /// <summary>Ends that it is full, 10 s after the last write was refused at the earliest.</summary>
    /// <param name="hasRoom">Whether a write would be taken now.</param>
    public void LookForRoom(Func<bool> hasRoom)
    {
        long refusedAt;
        lock (_gate)
        {
            if (_refusedAt is not { } at || time.GetElapsedTime(at) < s_fullAtLeast)
                return;
            refusedAt = at;
        }
        if (!hasRoom())
            return;
        lock (_gate)
        {
            if (_refusedAt != refusedAt)
                return;
            _refusedAt = null;
        }
        Changed?.Invoke();
    }

    private void Refused()
    {
        bool wasFull;
        lock (_gate)
        {
            wasFull = _refusedAt is not null;
            _refusedAt = time.GetTimestamp();
        }
        if (!wasFull)
            Changed?.Invoke();
    }

    private bool IsDue(ref long? said)
    {
        lock (_gate)
        {
            if (said is { } before && time.GetElapsedTime(before) < s_interval)
                return false;
            said = time.GetTimestamp();
            return true;
        }
    }
}
