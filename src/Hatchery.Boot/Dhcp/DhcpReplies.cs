using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>Answers, as RFC 2131 table 3 has them.</summary>
internal static class DhcpReplies
{
    public static DhcpMessage Grant(
        DhcpMessageType type,
        DhcpMessage request,
        IPAddress address,
        DhcpSubnet subnet,
        IPAddress server,
        DhcpSettings settings,
        DhcpOptions configured
    )
    {
        var duration = settings.LeaseDurationFor(request);
        var options = Network(Opening(type, request), subnet, server)
            .With(DhcpOptionCode.LeaseTime, duration)
            .With(DhcpOptionCode.RenewalTime, duration / 2)
            .With(DhcpOptionCode.RebindingTime, duration * 7 / 8);
        return Finish(request, options, configured, server, settings) with
        {
            YourAddress = address,
            ClientAddress = type == DhcpMessageType.Ack ? request.ClientAddress : IPAddress.Any,
        };
    }

    /// <summary>Settings without an address.</summary>
    public static DhcpMessage Inform(
        DhcpMessage request,
        DhcpSubnet subnet,
        IPAddress server,
        DhcpSettings settings,
        DhcpOptions configured
    )
    {
        var options = Network(Opening(DhcpMessageType.Ack, request), subnet, server);
        return Finish(request, options, configured, server, settings) with { ClientAddress = request.ClientAddress };
    }

    /// <summary>RFC 1534: BOOTP clients take the options too, but know no message type and no lease.</summary>
    public static DhcpMessage Bootp(
        DhcpMessage request,
        IPAddress address,
        DhcpSubnet subnet,
        IPAddress server,
        DhcpSettings settings,
        DhcpOptions configured
    )
    {
        var options = Network(DhcpOptions.None, subnet, server).Without(DhcpOptionCode.ServerIdentifier);
        return Finish(request, options, configured, server, settings) with
        {
            YourAddress = address,
            // RFC 1542 section 5.4: who has an address gets the answer there.
            ClientAddress = request.ClientAddress,
            HasCookie = request.HasCookie,
        };
    }

    /// <summary>A boot program without an address; null where there is none for this client.</summary>
    public static DhcpMessage? Proxy(
        DhcpMessageType type,
        DhcpMessage request,
        IPAddress server,
        DhcpSettings settings,
        DhcpOptions configured
    )
    {
        if (!BootFile.IsFor(request, server, settings, configured, out var file))
            return null;
        var options = Opening(type, request)
            .With(DhcpOptionCode.ServerIdentifier, server)
            .With(DhcpOptionCode.VendorClass, file.ForHttpFirmware ? "HTTPClient" : "PXEClient");
        if (request.Options.Has(DhcpOptionCode.ClientMachineIdentifier))
            options = options.With(
                DhcpOptionCode.ClientMachineIdentifier,
                request.Options[DhcpOptionCode.ClientMachineIdentifier]
            );
        // UEFI firmware comes to port 4011 for the file when this option is not there, and some of it ignores a file beside it.
        if (PxeClient.IsIpxe(request.Options) || PxeClient.Architecture(request.Options) is null or 0)
        {
            // Inside of this option, PXE (2.1 table 2-1) wants an end.
            const byte end = (byte)DhcpOptionCode.End;
            options = options.With(
                DhcpOptionCode.VendorSpecific,
                [PxeClient.DiscoveryControl, 1, PxeClient.UseBootFile, end]
            );
        }

        options = options.Under(configured);

        // Nobody has the address yet to which a relay would send unicast.
        var reply = Reply(request, options) with
        {
            Broadcast = request.ClientAddress.IsAny(),
            ClientAddress = request.ClientAddress,
        };
        return Echo(file.ApplyTo(reply, request, server), request);
    }

    public static DhcpMessage Refuse(DhcpMessage request, IPAddress server, string reason)
    {
        var options = Opening(DhcpMessageType.Nak, request)
            .With(DhcpOptionCode.ServerIdentifier, server)
            .With(DhcpOptionCode.Message, reason);

        // Through a relay a refusal has to reach a client that has no address: the flag makes the relay broadcast it.
        var broadcast = request.Broadcast || !request.RelayAddress.IsAny();
        return Echo(Reply(request, options) with { Broadcast = broadcast }, request);
    }

    /// <summary>What no operator sets.</summary>
    private static DhcpOptions Network(DhcpOptions options, DhcpSubnet subnet, IPAddress server) =>
        options
            .With(DhcpOptionCode.ServerIdentifier, server)
            .With(DhcpOptionCode.SubnetMask, Ipv4.Mask(subnet.Network));

    private static DhcpMessage Finish(
        DhcpMessage request,
        DhcpOptions options,
        DhcpOptions configured,
        IPAddress server,
        DhcpSettings settings
    )
    {
        var reply = Reply(request, options.Under(ConfiguredOptions.WantedBy(request, configured)));
        if (BootFile.IsFor(request, server, settings, configured, out var file))
            reply = file.ApplyTo(reply, request, server);
        return Echo(reply with { Options = ConfiguredOptions.InOrderFor(request, reply.Options) }, request);
    }

    private static DhcpMessage Reply(DhcpMessage request, DhcpOptions options) =>
        new()
        {
            Operation = DhcpOperation.Reply,
            HardwareType = request.HardwareType,
            TransactionId = request.TransactionId,
            Broadcast = request.Broadcast,
            RelayAddress = request.RelayAddress,
            ClientMac = request.ClientMac,
            Options = options,
        };

    /// <summary>The client's identifier goes back as it came (RFC 6842).</summary>
    private static DhcpOptions Opening(DhcpMessageType type, DhcpMessage request)
    {
        const DhcpOptionCode client = DhcpOptionCode.ClientIdentifier;
        var options = DhcpOptions.None.With(type);
        return request.Options.Has(client) ? options.With(client, request.Options[client]) : options;
    }

    /// <summary>RFC 3046 section 2.2: what the relay added goes back as it came, as the last option.</summary>
    private static DhcpMessage Echo(DhcpMessage reply, DhcpMessage request)
    {
        const DhcpOptionCode relay = DhcpOptionCode.RelayAgentInformation;
        return request.Options.Has(relay)
            ? reply with
            {
                Options = reply.Options.With(relay, request.Options[relay]),
            }
            : reply;
    }
}
