using System.Net;

namespace Hatchery.Boot;

/// <summary>Bounds how often an address asks; thread-safe. Its memory is fixed: two addresses may share a place, and then what is allowed there.</summary>
/// <param name="perSecond">For good.</param>
/// <param name="most">At once after a quiet time.</param>
internal sealed class AddressRate(int perSecond, int most, TimeProvider time)
{
    private const int Places = 1 << 12;

    private readonly Lock _gate = new();
    private readonly TokenBucket?[] _buckets = new TokenBucket?[Places];

    public bool Admits(IPAddress address)
    {
        var place = (uint)address.GetHashCode() % Places;
        lock (_gate)
            return (_buckets[place] ??= new(perSecond, most, time)).TryTake();
    }
}
