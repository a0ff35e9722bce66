using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>What a client wants (RFC 2131 section 4.3).</summary>
internal abstract record DhcpIntent
{
    private DhcpIntent() { }

    /// <param name="Wish">Option 50: the address it would like.</param>
    public sealed record Discover(IPAddress? Wish) : DhcpIntent;

    /// <summary>Takes our offer.</summary>
    public sealed record Select(IPAddress Address) : DhcpIntent;

    /// <summary>Started again and remembers an address.</summary>
    public sealed record Reboot(IPAddress Address) : DhcpIntent;

    /// <summary>Renewing or rebinding: uses the address and wants more time.</summary>
    public sealed record Extend(IPAddress Address) : DhcpIntent;

    public sealed record Decline(IPAddress Address) : DhcpIntent;

    public sealed record Release(IPAddress Address) : DhcpIntent;

    /// <summary>Has an address from elsewhere and wants settings only.</summary>
    public sealed record Inform(IPAddress Address) : DhcpIntent;

    /// <summary>RFC 951, no option 53.</summary>
    public sealed record Bootp : DhcpIntent;

    public static bool IsBootp(DhcpMessage message) => !message.Options.Has(DhcpOptionCode.MessageType);

    /// <summary>Of a message that is not refused; null where it contradicts itself.</summary>
    public static DhcpIntent? Of(DhcpMessage message)
    {
        var wish = message.Options.Address(DhcpOptionCode.RequestedAddress);
        var namesUs = message.Options.Address(DhcpOptionCode.ServerIdentifier) is not null;
        return message.Type switch
        {
            null when IsBootp(message) => new Bootp(),
            DhcpMessageType.Discover => new Discover(wish),
            DhcpMessageType.Request when wish is not null && namesUs => new Select(wish),
            DhcpMessageType.Request when wish is not null => new Reboot(wish),
            // Some clients name the server also when they take an offer in ciaddr.
            DhcpMessageType.Request when !message.ClientAddress.IsAny() => new Extend(message.ClientAddress),
            DhcpMessageType.Decline when wish is not null => new Decline(wish),
            DhcpMessageType.Release when !message.ClientAddress.IsAny() => new Release(message.ClientAddress),
            DhcpMessageType.Inform when !message.ClientAddress.IsAny() => new Inform(message.ClientAddress),
            _ => null,
        };
    }
}
