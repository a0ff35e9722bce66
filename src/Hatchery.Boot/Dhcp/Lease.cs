using System.Net;
using Hatchery.Wire;

namespace Hatchery.Boot.Dhcp;

/// <summary>An address and whose it is until when. A machine is its MAC address: firmware, boot loader and operating system
/// send different client identifiers and must keep one address.</summary>
public sealed record Lease(
    IPAddress Address,
    MacAddress Mac,
    string ClientId,
    string HostName,
    LeaseState State,
    DateTimeOffset ExpiresAt
);
