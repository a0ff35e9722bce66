using Hatchery.Boot.Net;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>Why a message is refused by itself, whoever sent it. A short list: the reasons label a counter.</summary>
internal static class DhcpRefusal
{
    public const string Reply = "it is a reply";
    public const string ServersType = "only servers say this";
    public const string NobodysMac = "its hardware address is nobody's";
    public const string ForgedRelay = "its relay is forged";
    public const string NoSubnet = "no subnet is configured for it";

    /// <summary>In the order of things where there are several servers, which may be of one farm and give the very address that we
    /// offered: so the offer is left to run out by itself.</summary>
    public const string AnotherServer = "it is for another server";

    /// <returns>Null where nothing is wrong with it.</returns>
    public static string? Of(DhcpArrival arrival)
    {
        var message = arrival.Message;
        if (message.Operation != DhcpOperation.Request)
            return Reply;
        if (message.Type is DhcpMessageType.Offer or DhcpMessageType.Ack or DhcpMessageType.Nak)
            return ServersType;
        if (!message.ClientMac.IsUnicast)
            return NobodysMac;
        if (HasForgedRelay(arrival))
            return ForgedRelay;
        // RFC 2131 section 4.3: who takes an offer, declines or gives back names the server.
        return
            message.Type is DhcpMessageType.Request or DhcpMessageType.Decline or DhcpMessageType.Release
            && message.Options.Address(DhcpOptionCode.ServerIdentifier) is { } server
            && !arrival.OwnAddresses.Contains(server)
            ? AnotherServer
            : null;
    }

    /// <summary>A relay writes its own address into the message (RFC 1542 section 4.1.1) and sends from one. Without a relay nobody
    /// may choose the link (RFC 3527).</summary>
    private static bool HasForgedRelay(DhcpArrival arrival)
    {
        var relay = arrival.Message.RelayAddress;
        if (relay.IsAny())
            return RelayAgentInformation.Link(arrival.Message.Options) is not null;
        return !relay.IsHost() || arrival.OwnAddresses.Contains(relay) || arrival.Sender?.IsAny() == true;
    }
}
