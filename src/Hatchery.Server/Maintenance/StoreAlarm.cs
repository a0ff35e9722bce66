using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>Tells operators what is wrong with the store: each thing once a minute, however many requests meet it.</summary>
internal sealed class StoreAlarm(ILogger log, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _saidNoSpace;

    public void Raise(StoreFault fault)
    {
        if (fault.Kind != StoreFaultKind.NoSpace)
        {
            Log.CacheLost(log, fault.ToString());
            return;
        }
        lock (_gate)
        {
            if (_saidNoSpace is { } said && time.GetElapsedTime(said) < s_interval)
                return;
            _saidNoSpace = time.GetTimestamp();
        }
        Log.StoreFull(log, fault.ToString());
    }
}
