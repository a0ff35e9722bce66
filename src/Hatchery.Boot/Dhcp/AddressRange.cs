using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Net;

namespace Hatchery.Boot.Dhcp;

/// <summary>IPv4 addresses from the first to the last, both included.</summary>
public sealed record AddressRange(IPAddress First, IPAddress Last)
{
    public bool Contains(IPAddress address) => address.Number() >= First.Number() && address.Number() <= Last.Number();

    /// <summary>Reads <c>10.77.0.120</c> or <c>10.77.0.130-10.77.0.140</c>; null for anything else.</summary>
    public static AddressRange? Parse(string text)
    {
        var ends = text.Split('-', StringSplitOptions.TrimEntries);
        return
            ends.Length <= 2
            && IPAddress.TryParse(ends[0], out var first)
            && IPAddress.TryParse(ends[^1], out var last)
            && first.AddressFamily == AddressFamily.InterNetwork
            && last.AddressFamily == AddressFamily.InterNetwork
            && first.Number() <= last.Number()
            ? new(first, last)
            : null;
    }
}
