using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Wire;

namespace Hatchery.Boot.Dhcp;

/// <summary>The addresses of one subnet that a machine may get, best first.</summary>
internal sealed class AddressPool(DhcpSubnet subnet, IReadOnlyList<DhcpReservation> reservations)
{
    /// <summary>Candidates beyond these would mean that other servers take addresses faster than we can try.</summary>
    private const int MostCandidates = 16;

    private readonly Dictionary<IPAddress, MacAddress> _reserved = reservations.ToDictionary(
        r => r.Address,
        r => r.Mac
    );

    public DhcpReservation? ReservationOf(MacAddress mac) =>
        reservations.FirstOrDefault(r => r.Mac == mac && subnet.Network.Contains(r.Address));

    /// <summary>True where this machine may hold this address here at all.</summary>
    public bool Allows(MacAddress mac, IPAddress address, IReadOnlyList<IPAddress> ownAddresses)
    {
        if (_reserved.TryGetValue(address, out var owner))
            return owner == mac;
        return subnet is { First: { } first, Last: { } last }
            && address.Number() >= first.Number()
            && address.Number() <= last.Number()
            && address.Number() != subnet.Network.BaseAddress.Number()
            && !address.Equals(Ipv4.Broadcast(subnet.Network))
            && !subnet.Routers.Contains(address)
            && !ownAddresses.Contains(address);
    }

    /// <summary>Reserved; had before; wished for; never used; ended longest ago.</summary>
    /// <param name="ends">When the leases of the pool end or ended, by address.</param>
    public IEnumerable<IPAddress> Candidates(
        MacAddress mac,
        IEnumerable<IPAddress> had,
        IPAddress? wish,
        IReadOnlyDictionary<uint, DateTimeOffset> ends,
        DateTimeOffset now,
        IReadOnlyList<IPAddress> ownAddresses
    )
    {
        var reserved = ReservationOf(mac) is { } reservation ? [reservation.Address] : Array.Empty<IPAddress>();
        IEnumerable<IPAddress> wished = wish is not null ? [wish] : [];
        var ended = ends.Where(e => e.Value <= now).OrderBy(e => e.Value).Select(e => Ipv4.Address(e.Key));
        return reserved
            .Concat(had)
            .Concat(wished)
            .Concat(Unused(mac, ends))
            .Concat(ended)
            .Distinct()
            .Where(a => Allows(mac, a, ownAddresses))
            .Take(MostCandidates);
    }

    /// <summary>Begins at a place that depends on the machine, so that two servers think of the same address for it.</summary>
    private IEnumerable<IPAddress> Unused(MacAddress mac, IReadOnlyDictionary<uint, DateTimeOffset> ends)
    {
        if (subnet is not { First: { } first, Last: { } last })
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
