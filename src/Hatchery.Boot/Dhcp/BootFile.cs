using System.Diagnostics.CodeAnalysis;
using System.Net;
using Hatchery.Boot.Net;
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
            return new(http + ScriptPath(request, architecture), ForIpxe: true);
        if (!PxeClient.IsNetworkBoot(options) || settings.Programs.Of(architecture) is not { Length: > 0 } program)
            return null;
        return PxeClient.IsHttpBoot(options) ? new($"{http}/ipxe/{program}", ForHttpFirmware: true) : new(program);
    }

    /// <summary>Whether the client is sent to a file: one of ours, or another that an operator names by options 66 and 67.</summary>
    public static bool IsFor(
        DhcpMessage request,
        IPAddress server,
        DhcpSettings settings,
        DhcpOptions configured,
        [NotNullWhen(true)] out BootFile? file
    )
    {
        var isForeign = configured.Has(DhcpOptionCode.BootFileName);
        var boots = NetworkBoot.Is(request.Options) || DhcpIntent.IsBootp(request);
        file = For(request, server, settings) ?? (isForeign && boots ? new("") : null);
        return file is not null;
    }

    /// <summary>
    /// Puts the file into the reply's fields, and into options 66, 67 and 150 where the client asks for them. What the reply's
    /// options say already, because an operator set it, holds.
    /// </summary>
    public DhcpMessage ApplyTo(DhcpMessage reply, DhcpMessage request, IPAddress server)
    {
        var asked = request.Options[DhcpOptionCode.ParameterRequestList];
        var options = reply.Options;
        var (foreignServer, foreignName) = (
            options.Text(DhcpOptionCode.BootServerName),
            options.Text(DhcpOptionCode.BootFileName)
        );
        if (foreignServer is null && asked.Contains((byte)DhcpOptionCode.BootServerName))
            options = options.With(DhcpOptionCode.BootServerName, server.ToString());
        if (foreignName is null && asked.Contains((byte)DhcpOptionCode.BootFileName))
            options = options.With(DhcpOptionCode.BootFileName, Name);
        if (
            asked.Contains((byte)DhcpOptionCode.TftpServerAddresses) && !options.Has(DhcpOptionCode.TftpServerAddresses)
        )
            options = options.With(DhcpOptionCode.TftpServerAddresses, server);
        if (ForHttpFirmware && !options.Has(DhcpOptionCode.VendorClass))
            options = options.With(DhcpOptionCode.VendorClass, "HTTPClient");
        if (ForIpxe)
            options = options.With(
                DhcpOptionCode.Ipxe,
                DhcpOptions.None.With(PxeClient.IpxeNoProxyDhcp, [1]).Under(options.Encapsulated(DhcpOptionCode.Ipxe))
            );
        return reply with
        {
            NextServer =
                foreignServer is null ? server
                : IPAddress.TryParse(foreignServer, out var address) && address.Unmapped() is { } ipv4 ? ipv4
                : IPAddress.Any,
            ServerName = Fitting(foreignServer ?? "", DhcpMessage.ServerNameBytes),
            BootFile = Fitting(foreignName ?? Name, DhcpMessage.BootFileBytes),
            Options = options,
        };
    }

    /// <summary>What is too long for its field stands in an option.</summary>
    private static string Fitting(string text, int lengthMax) => text.Length <= lengthMax ? text : "";

    /// <summary>What the firmware said of itself travels in the URL, since HTTP itself says nothing of the machine.</summary>
    private static string ScriptPath(DhcpMessage request, ushort? architecture)
    {
        var path = $"/boot/{request.ClientMac.ToString().Replace(':', '-')}?arch={architecture ?? 0}";
        if (PxeClient.Uuid(request.Options) is { } uuid)
            path += $"&uuid={uuid}";
        return request.RelayAddress.IsAny() ? path : $"{path}&relay={request.RelayAddress}";
    }
}
