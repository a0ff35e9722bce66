using System.Net.Sockets;
using Hatchery.Boot.Net;

namespace Hatchery.Boot.Dhcp;

/// <summary>Finds what cannot be meant, before anything is bound.</summary>
internal static class DhcpSettingsCheck
{
    private static readonly TimeSpan s_longestPing = TimeSpan.FromSeconds(1);

    /// <exception cref="BootServiceException">One sentence on the first thing that is wrong.</exception>
    public static void Check(DhcpSettings settings)
    {
        foreach (var subnet in settings.Subnets)
            Check(subnet);
        for (var i = 1; i < settings.Subnets.Count; i++)
        {
            var subnet = settings.Subnets[i].Network;
            if (settings.Subnets.Take(i).FirstOrDefault(s => Overlap(s.Network, subnet)) is { } other)
                Refuse($"subnets {other.Network} and {subnet} overlap");
        }
        foreach (var reservation in settings.Reservations)
        {
            if (!settings.Subnets.Any(s => s.Network.Contains(reservation.Address)))
                Refuse($"the address {reservation.Address} reserved for {reservation.Mac} lies in no subnet");
        }
        if (settings.Reservations.GroupBy(r => r.Address).FirstOrDefault(g => g.Count() > 1) is { } twice)
            Refuse($"the address {twice.Key} is reserved for {string.Join(" and ", twice.Select(r => r.Mac))}");
        if (settings.LeaseDuration < TimeSpan.FromSeconds(1) || settings.OfferDuration < TimeSpan.FromSeconds(1))
            Refuse("a lease and an offer last at least one second");
        if (settings.LeaseDurationMax > TimeSpan.Zero && settings.LeaseDurationMax < settings.LeaseDuration)
            Refuse("the longest lease (lease-duration-max) is shorter than the usual one (lease-duration)");
        if (settings.PingTimeout < TimeSpan.Zero || settings.PingTimeout > s_longestPing)
            Refuse($"a ping takes at most {s_longestPing}: the client waits for its offer");
    }

    private static void Check(DhcpSubnet subnet)
    {
        if (subnet.Network.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
            Refuse($"{subnet.Network} is no IPv4 network");
        if (subnet.First is null != subnet.Last is null)
            Refuse($"the pool of {subnet.Network} needs both a first and a last address");
        if (subnet.Bootp is { } bootp && !(subnet.Network.Contains(bootp.First) && subnet.Network.Contains(bootp.Last)))
            Refuse($"the addresses for BOOTP, {bootp.First} to {bootp.Last}, lie outside of {subnet.Network}");
        if (subnet is not { First: { } first, Last: { } last })
            return;
        if (!subnet.Network.Contains(first) || !subnet.Network.Contains(last))
            Refuse($"the pool {first} to {last} lies outside of {subnet.Network}");
        if (first.Number() > last.Number())
            Refuse($"the pool {first} to {last} ends before it begins");
    }

    private static bool Overlap(System.Net.IPNetwork a, System.Net.IPNetwork b) =>
        a.Contains(b.BaseAddress) || b.Contains(a.BaseAddress);

    private static void Refuse(string what) => throw new BootServiceException($"hatchery.boot.dhcp: {what}");
}
