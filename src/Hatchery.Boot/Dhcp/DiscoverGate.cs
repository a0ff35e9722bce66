using Hatchery.Wire;

namespace Hatchery.Boot.Dhcp;

/// <summary>Keeps a flood of invented machines from taking the place of real ones. Machines that took an address lately always pass;
/// new ones as long as there are no more of them than a crowd at power-on; beyond that, new ones pass when they ask again, as
/// every real client does. Its memory is fixed: in a flood that is fast enough to wash a machine out of it, that machine asks again.</summary>
/// <param name="perSecond">New machines that pass for good.</param>
/// <param name="crowd">New machines that pass at once after a quiet time.</param>
internal sealed class DiscoverGate(int perSecond, int crowd, TimeProvider time)
{
    private const int KnownSlots = 1 << 14;
    private const int SeenSlots = 1 << 17;

    /// <summary>Clients ask again after one second at the earliest, and after a minute at the latest.</summary>
    private static readonly TimeSpan s_againAfter = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_againWithin = TimeSpan.FromSeconds(64);

    private readonly Lock _gate = new();
    private readonly ulong[] _known = new ulong[KnownSlots];
    private readonly (ulong Mac, long At)[] _seen = new (ulong, long)[SeenSlots];
    private readonly TokenBucket _new = new(perSecond, crowd, time);
    private readonly TokenBucket _again = new(perSecond, crowd, time);

    public bool Admits(MacAddress mac)
    {
        lock (_gate)
        {
            if (_known[Slot(mac, KnownSlots)] == mac.Value || _new.TryTake())
                return true;
            ref var seen = ref _seen[Slot(mac, SeenSlots)];
            var since = seen.Mac == mac.Value ? time.GetElapsedTime(seen.At) : TimeSpan.MaxValue;
            if (since >= s_againAfter && since <= s_againWithin)
                return _again.TryTake();
            if (since > s_againWithin)
                seen = (mac.Value, time.GetTimestamp());
            return false;
        }
    }

    /// <summary>The machine took an address, which an invented one does not.</summary>
    public void Knows(MacAddress mac)
    {
        lock (_gate)
            _known[Slot(mac, KnownSlots)] = mac.Value;
    }

    private static int Slot(MacAddress mac, int slots) => (int)((mac.Value * 0x9E3779B97F4A7C15) >> 40) & (slots - 1);
}
