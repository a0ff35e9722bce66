using Hatchery.Boot.Net;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>Options that operators set, and which of them a client gets.</summary>
internal static class ConfiguredOptions
{
    /// <summary>First of all what clients look at first, and what has to be there when room is short.</summary>
    private static readonly byte[] s_first =
    [
        (byte)DhcpOptionCode.MessageType,
        (byte)DhcpOptionCode.ServerIdentifier,
        (byte)DhcpOptionCode.LeaseTime,
        (byte)DhcpOptionCode.SubnetMask,
    ];

    private static readonly byte[] s_bootpFirst =
    [
        (byte)DhcpOptionCode.SubnetMask,
        (byte)DhcpOptionCode.Router,
        (byte)DhcpOptionCode.DomainNameServer,
        (byte)DhcpOptionCode.HostName,
        (byte)DhcpOptionCode.DomainName,
    ];

    /// <summary>The machine's own over those of its reservation, of its pool, of the server.</summary>
    public static DhcpOptions Of(
        DhcpSettings settings,
        DhcpSubnet subnet,
        DhcpReservation? reservation,
        DhcpOptions machine
    )
    {
        var options = settings.Options.With(DhcpOptionCode.BroadcastAddress, Ipv4.Broadcast(subnet.Network));
        if (subnet.Routers.Count > 0)
            options = options.With(DhcpOptionCode.Router, subnet.Routers);
        if (subnet.NameServers.Count > 0)
            options = options.With(DhcpOptionCode.DomainNameServer, subnet.NameServers);
        if (subnet.DomainName is { Length: > 0 } domain)
            options = options.With(DhcpOptionCode.DomainName, domain);
        options = options.Under(subnet.Options);
        if (reservation?.HostName is { } hostName)
            options = options.With(DhcpOptionCode.HostName, hostName);
        return options.Under(machine);
    }

    /// <summary>What a proxy may say: what boots the machine. Everything else is the other server's; the vendor class is PXE's own.</summary>
    public static DhcpOptions OfProxy(DhcpSettings settings, DhcpOptions machine) =>
        settings
            .Options.Under(machine)
            .Where(code =>
                (IsForBoot(code) && code != (byte)DhcpOptionCode.VendorClass)
                || code is (>= 128 and <= 135) or (>= 208 and <= 211)
            );

    /// <summary>A client without a list of what it wants (option 55) gets everything; one that boots gets what boots it in any case.</summary>
    public static DhcpOptions WantedBy(DhcpMessage request, DhcpOptions configured)
    {
        var wanted = request.Options[DhcpOptionCode.ParameterRequestList].ToArray();
        var boots = NetworkBoot.Is(request.Options);
        return wanted.Length == 0
            ? configured
            : configured.Where(code => wanted.Contains(code) || (boots && IsForBoot(code)));
    }

    /// <summary>RFC 2132 section 9.8: in the order in which the client asks.</summary>
    public static DhcpOptions InOrderFor(DhcpMessage request, DhcpOptions options) =>
        options.InOrderOf(
            request.Type is null ? s_bootpFirst : [.. s_first, .. request.Options[DhcpOptionCode.ParameterRequestList]]
        );

    private static bool IsForBoot(byte code) =>
        (DhcpOptionCode)code
            is DhcpOptionCode.VendorSpecific
                or DhcpOptionCode.VendorClass
                or DhcpOptionCode.BootServerName
                or DhcpOptionCode.BootFileName
                or DhcpOptionCode.ClientMachineIdentifier
                or DhcpOptionCode.Ipxe;
}
