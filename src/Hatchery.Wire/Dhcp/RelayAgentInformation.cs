using System.Net;

namespace Hatchery.Wire.Dhcp;

/// <summary>Sub-options of option 82 (RFC 3046) that a server looks at.</summary>
public static class RelayAgentInformation
{
    private const DhcpOptionCode LinkSelection = (DhcpOptionCode)5;

    /// <summary>RFC 3527: the subnet to take the address from, where it is not the relay's own.</summary>
    public static IPAddress? Link(DhcpOptions options) =>
        options.Encapsulated(DhcpOptionCode.RelayAgentInformation).Address(LinkSelection);
}
