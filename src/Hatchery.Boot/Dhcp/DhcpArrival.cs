using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>A message and where it came in.</summary>
/// <param name="OwnAddresses">The server's addresses on that interface, at least one.</param>
public sealed record DhcpArrival(DhcpMessage Message, IReadOnlyList<IPAddress> OwnAddresses)
{
    /// <summary>It came to port 4011, where PXE clients ask the proxy that they chose.</summary>
    public bool IsOnProxyPort { get; init; }

    /// <summary>The address that it came from, which may be 0.0.0.0; null where that is not known.</summary>
    public IPAddress? Sender { get; init; }

    /// <summary>Who we are where no subnet is configured.</summary>
    internal IPAddress Server => OwnAddresses[0];

    /// <summary>An address on the client's own network: of the link that a relay names, the relay, the client, or ours.</summary>
    internal DhcpSubnet? SubnetOf(IReadOnlyList<DhcpSubnet> subnets)
    {
        if (RelayAgentInformation.Link(Message.Options) is { } link)
            return subnets.FirstOrDefault(s => s.Network.Contains(link));
        if (!Message.RelayAddress.IsAny())
            return subnets.FirstOrDefault(s => s.Network.Contains(Message.RelayAddress));
        var local = subnets.Where(s => OwnAddresses.Any(s.Network.Contains)).ToArray();

        // Renewal comes by unicast and may have been routed.
        if (!Message.ClientAddress.IsAny())
            return subnets.FirstOrDefault(s => s.Network.Contains(Message.ClientAddress)) ?? local.FirstOrDefault();
        return local.FirstOrDefault();
    }

    /// <summary>Who we are to this client: our address on its network, where we have one.</summary>
    internal IPAddress ServerFor(DhcpSubnet subnet) =>
        OwnAddresses.FirstOrDefault(subnet.Network.Contains) ?? OwnAddresses[0];
}
