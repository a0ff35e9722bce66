using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

/// <summary>A message that no honest client sends to this server.</summary>
/// <param name="Reason">Why the server 10.7.0.1 refuses it.</param>
internal sealed record SpoofedMessage(string What, DhcpMessage Message, string Reason)
{
    private static readonly IPAddress s_stranger = IPAddress.Parse("10.7.0.66");
    private static readonly IPAddress s_wanted = IPAddress.Parse("10.7.0.105");

    /// <summary>Every kind, each of an invented machine of its own, but for the last ones.</summary>
    /// <param name="victim">A machine that has an address; the last ones speak in its name.</param>
    public static IReadOnlyList<SpoofedMessage> All(MacAddress victim, IPAddress its) =>
        [
            new("an offer of a stranger", Reply(1, DhcpMessageType.Offer, s_stranger), DhcpRefusal.Reply),
            new("an ACK of a stranger", Reply(2, DhcpMessageType.Ack, s_stranger), DhcpRefusal.Reply),
            new("an ACK as if it were ours", Reply(3, DhcpMessageType.Ack, FirstServer), DhcpRefusal.Reply),
            new("a NAK as if it were ours", Reply(4, DhcpMessageType.Nak, FirstServer), DhcpRefusal.Reply),
            new("a reply that asks", Discover(Machine(5)) with { Operation = DhcpOperation.Reply }, DhcpRefusal.Reply),
            new("BOOTP's reply", Bootp(6), DhcpRefusal.Reply),
            new("an offer as a request", Typed(7, DhcpMessageType.Offer), DhcpRefusal.ServersType),
            new("an ACK as a request", Typed(8, DhcpMessageType.Ack), DhcpRefusal.ServersType),
            new("a NAK as a request", Typed(9, DhcpMessageType.Nak), DhcpRefusal.ServersType),
            new("a machine without an address", Discover(new(0)), DhcpRefusal.NobodysMac),
            new("a machine that is many", Discover(new(0x01005e000001)), DhcpRefusal.NobodysMac),
            new("a relay that is us", Relayed(10, "10.7.0.1"), DhcpRefusal.ForgedRelay),
            new("a relay that is everybody", Relayed(11, "255.255.255.255"), DhcpRefusal.ForgedRelay),
            new("a relay that is a group", Relayed(12, "224.0.0.1"), DhcpRefusal.ForgedRelay),
            new("a relay that is the host itself", Relayed(13, "127.0.0.1"), DhcpRefusal.ForgedRelay),
            new("a link without a relay", Linked(14, IPAddress.Parse("10.8.0.0")), DhcpRefusal.ForgedRelay),
            new("another server's offer taken", Select(Machine(15), s_wanted, s_stranger), DhcpRefusal.AnotherServer),
            new("nobody's offer taken", Select(Machine(16), s_wanted, IPAddress.Any), DhcpRefusal.AnotherServer),
            new("another's renewal", Named(Renew(victim, its)), DhcpRefusal.AnotherServer),
            new("another's release", Named(Release(victim, its)), DhcpRefusal.AnotherServer),
            new("another's decline", Named(Decline(victim, its)), DhcpRefusal.AnotherServer),
        ];

    /// <summary>No address that a machine has.</summary>
    public static bool IsInvented(MacAddress mac) => (mac.Value >> 8) == (Machine(0).Value >> 8);

    private static MacAddress Machine(ulong number) => new(0x0266_6666_6600 + number);

    private static DhcpMessage Typed(ulong machine, DhcpMessageType type) =>
        FarmUnderTest.Message(Machine(machine), type) with
        {
            YourAddress = s_wanted,
        };

    private static DhcpMessage Bootp(ulong machine) =>
        Discover(Machine(machine)) with
        {
            Operation = DhcpOperation.Reply,
            Options = DhcpOptions.None,
        };

    private static DhcpMessage Reply(ulong machine, DhcpMessageType type, IPAddress server) =>
        Typed(machine, type).With(DhcpOptionCode.ServerIdentifier, server) with
        {
            Operation = DhcpOperation.Reply,
        };

    private static DhcpMessage Relayed(ulong machine, string relay) =>
        Discover(Machine(machine)) with
        {
            RelayAddress = IPAddress.Parse(relay),
        };

    private static DhcpMessage Linked(ulong machine, IPAddress link) =>
        Discover(Machine(machine)).With(DhcpOptionCode.RelayAgentInformation, [5, 4, .. link.GetAddressBytes()]);

    private static DhcpMessage Named(DhcpMessage message) => message.With(DhcpOptionCode.ServerIdentifier, s_stranger);
}
