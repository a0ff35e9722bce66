using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>Tells operators what is wrong with the store: each thing once a minute, however many requests meet it.</summary>
internal sealed class StoreAlarm(ILogger log, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _saidNoSpace;
    private long? _saidNearlyFull;

    public void Raise(StoreFault fault)
    {
        switch (fault.Kind)
        {
            case StoreFaultKind.NoSpace when IsDue(ref _saidNoSpace):
                Log.StoreFull(log, fault.ToString());
                break;
            case StoreFaultKind.NearlyFull when IsDue(ref _saidNearlyFull):
                Log.StoreNearlyFull(log, fault.ToString());
                break;
            case StoreFaultKind.NoSpace or StoreFaultKind.NearlyFull:
                break;
            default:
                Log.CacheLost(log, fault.ToString());
                break;
        }
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
