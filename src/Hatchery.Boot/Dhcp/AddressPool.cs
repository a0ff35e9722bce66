using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Wire;

namespace Hatchery.Boot.Dhcp;

/// <summary>The addresses of one subnet that a machine may get, best first.</summary>
internal sealed class AddressPool
{
    /// <summary>Candidates beyond these would mean that other servers take addresses faster than we can try.</summary>
    private const int MostCandidates = 16;

    private readonly DhcpSubnet _subnet;
    private readonly Dictionary<IPAddress, DhcpReservation> _byAddress = [];
    private readonly Dictionary<MacAddress, DhcpReservation> _byMac = [];

    public LeaseHints Hints { get; } = new();

    public AddressPool(DhcpSubnet subnet, IReadOnlyList<DhcpReservation> reservations)
    {
        _subnet = subnet;
        foreach (var reservation in reservations.Where(r => subnet.Network.Contains(r.Address)))
        {
            _byAddress.TryAdd(reservation.Address, reservation);
            _byMac.TryAdd(reservation.Mac, reservation);
        }
    }

    public DhcpReservation? ReservationOf(MacAddress mac) => _byMac.GetValueOrDefault(mac);

    /// <summary>True where this machine may hold this address here at all.</summary>
    public bool Allows(MacAddress mac, IPAddress address, IReadOnlyList<IPAddress> ownAddresses)
    {
        if (_byAddress.TryGetValue(address, out var reservation))
            return reservation.Mac == mac;
        return _subnet is { First: { } first, Last: { } last }
            && address.Number() >= first.Number()
            && address.Number() <= last.Number()
            && address.Number() != _subnet.Network.BaseAddress.Number()
            && !address.Equals(Ipv4.Broadcast(_subnet.Network))
            && !_subnet.Routers.Contains(address)
            && !_subnet.Excluded.Any(range => range.Contains(address))
            && !ownAddresses.Contains(address);
    }

    /// <summary>What the machine should have if it can: reserved; had before; wished for.</summary>
    public IReadOnlyList<IPAddress> Preferred(
        MacAddress mac,
        IEnumerable<IPAddress> had,
        IPAddress? wish,
        IReadOnlyList<IPAddress> ownAddresses
    )
    {
        IEnumerable<IPAddress> reserved = ReservationOf(mac) is { } reservation ? [reservation.Address] : [];
        IEnumerable<IPAddress> wished = wish is not null ? [wish] : [];
        return Choose(mac, reserved.Concat(had).Concat(wished), ownAddresses);
    }

    /// <summary>Never used; then ended longest ago.</summary>
    /// <param name="ends">When the leases of the pool end or ended, by address.</param>
    public IReadOnlyList<IPAddress> Free(
        MacAddress mac,
        IReadOnlyDictionary<uint, LeaseEnd> ends,
        DateTimeOffset now,
        IReadOnlyList<IPAddress> ownAddresses
    ) => Choose(mac, Unused(mac, ends).Concat(Oldest(ends.Where(e => e.Value.ExpiresAt <= now))), ownAddresses);

    /// <summary>Offered to others, longest ago first: who never took an offer up must not keep who would.</summary>
    public IReadOnlyList<IPAddress> Offered(
        MacAddress mac,
        IReadOnlyDictionary<uint, LeaseEnd> ends,
        IReadOnlyList<IPAddress> ownAddresses
    ) => Choose(mac, Oldest(ends.Where(e => e.Value.State == LeaseState.Offered)), ownAddresses);

    private static IEnumerable<IPAddress> Oldest(IEnumerable<KeyValuePair<uint, LeaseEnd>> ends) =>
        ends.OrderBy(e => e.Value.ExpiresAt).Select(e => Ipv4.Address(e.Key));

    /// <summary>Chosen at once: each is pinged, and what the whole pool was sorted with must not be kept so long.</summary>
    private IReadOnlyList<IPAddress> Choose(
        MacAddress mac,
        IEnumerable<IPAddress> addresses,
        IReadOnlyList<IPAddress> ownAddresses
    ) => [.. addresses.Where(a => Allows(mac, a, ownAddresses)).Distinct().Take(MostCandidates)];

    /// <summary>Begins at a place that depends on the machine, so that two servers think of the same address for it.</summary>
    private IEnumerable<IPAddress> Unused(MacAddress mac, IReadOnlyDictionary<uint, LeaseEnd> ends)
    {
        if (_subnet is not { First: { } first, Last: { } last })
            yield break;
        var count = (ulong)last.Number() - first.Number() + 1;
        var start = mac.Value * 0x9E3779B97F4A7C15 % count;
        for (ulong i = 0; i < count; i++)
        {
            var number = first.Number() + (uint)((start + i) % count);
            if (!ends.ContainsKey(number))
                yield return Ipv4.Address(number);
        }
    }
}
