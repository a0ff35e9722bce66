using System.Net;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>What a network-boot client is sent to load next.</summary>
/// <param name="Name">A file name for TFTP or a whole URL.</param>
internal sealed record BootFile(string Name, bool ForHttpFirmware = false, bool ForIpxe = false)
{
    /// <summary>Null for what does not boot from the network, or for an architecture without a boot program. A BOOTP client
    /// may name the file itself (RFC 951 section 3).</summary>
    public static BootFile? For(DhcpMessage request, IPAddress server, DhcpSettings settings)
    {
        var options = request.Options;
        if (DhcpIntent.IsBootp(request))
            return (request.BootFile.Length > 0 ? request.BootFile : settings.Programs.Bootp) is { Length: > 0 } name
                ? new(name)
                : null;
        var architecture = PxeClient.Architecture(options);
        var http = $"http://{server}:{settings.HttpPort}";
        if (PxeClient.IsIpxe(options) && PxeClient.CanIpxeFetchHttp(options))
            return new(http + ScriptPath(request.ClientMac, PxeClient.Uuid(options), architecture), ForIpxe: true);
        if (!PxeClient.IsNetworkBoot(options) || settings.Programs.Of(architecture) is not { Length: > 0 } program)
            return null;
        return PxeClient.IsHttpBoot(options) ? new($"{http}/ipxe/{program}", ForHttpFirmware: true) : new(program);
    }

    /// <summary>Puts the file into the reply's fields, and into options 66, 67 and 150 where the client asks for them.</summary>
    public DhcpMessage ApplyTo(DhcpMessage reply, DhcpMessage request, IPAddress server)
    {
        var asked = request.Options[DhcpOptionCode.ParameterRequestList];
        var options = reply.Options;
        if (asked.Contains((byte)DhcpOptionCode.BootServerName))
            options = options.With(DhcpOptionCode.BootServerName, server.ToString());
        if (asked.Contains((byte)DhcpOptionCode.BootFileName))
            options = options.With(DhcpOptionCode.BootFileName, Name);
        if (asked.Contains((byte)DhcpOptionCode.TftpServerAddresses))
            options = options.With(DhcpOptionCode.TftpServerAddresses, server);
        if (ForHttpFirmware)
            options = options.With(DhcpOptionCode.VendorClass, "HTTPClient");
        if (ForIpxe)
            options = options.With(DhcpOptionCode.Ipxe, DhcpOptions.None.With(PxeClient.IpxeNoProxyDhcp, [1]));
        return reply with { NextServer = server, BootFile = Name, Options = options };
    }

    /// <summary>What the firmware said of itself travels in the URL, since HTTP itself says nothing of the machine.</summary>
    private static string ScriptPath(MacAddress mac, Guid? uuid, ushort? architecture)
    {
        var path = $"/boot/{mac.ToString().Replace(':', '-')}?arch={architecture ?? 0}";
        return uuid is null ? path : $"{path}&uuid={uuid}";
    }
}
