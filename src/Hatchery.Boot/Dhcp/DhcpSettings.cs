using System.Net;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>The farm's addressing (HOCON <c>hatchery.boot.dhcp</c>); the same on all servers of a farm.</summary>
public sealed record DhcpSettings
{
    public DhcpMode Mode { get; init; }

    /// <summary>Interfaces to listen on; the service binds nowhere else.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    public IReadOnlyList<DhcpSubnet> Subnets { get; init; } = [];

    public IReadOnlyList<DhcpReservation> Reservations { get; init; } = [];

    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromHours(8);

    /// <summary>The shortest lease that a client may ask for (option 51).</summary>
    public TimeSpan LeaseDurationMin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest one; zero: <see cref="LeaseDuration"/>.</summary>
    public TimeSpan LeaseDurationMax { get; init; }

    /// <summary>How long an offered address is held for the machine it was offered to.</summary>
    public TimeSpan OfferDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an address that a machine found in use is set aside.</summary>
    public TimeSpan DeclineDuration { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long an address is pinged before it is offered to a machine that does not hold it; zero: not at all.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Refuse an address that is asked for and unknown here, instead of leaving the answer to other servers.</summary>
    public bool Authoritative { get; init; }

    /// <summary>Unknown machines that are answered for good on one interface; more are answered when they ask again.</summary>
    public int NewMachinesPerSecond { get; init; } = 200;

    /// <summary>Unknown machines that are answered at once after a quiet time.</summary>
    public int NewMachinesAtOnce { get; init; } = 2000;

    /// <summary>What a BOOTP client calls this server (RFC 951: sname); requests for others are not answered.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>The port that boot clients are sent to.</summary>
    public int HttpPort { get; init; } = 8069;

    public DhcpBootPrograms Programs { get; init; } = new();

    /// <summary>For every machine, unless its pool, its collection or the machine itself has another value.</summary>
    public DhcpOptions Options { get; init; } = DhcpOptions.None;

    /// <summary>What the client asked for within the bounds (RFC 2131 section 4.3.1), or the usual.</summary>
    internal TimeSpan LeaseDurationFor(DhcpMessage request)
    {
        if (request.Options.UInt32(DhcpOptionCode.LeaseTime) is not { } seconds)
            return LeaseDuration;
        var longest = LeaseDurationMax > TimeSpan.Zero ? LeaseDurationMax : LeaseDuration;
        var shortest = LeaseDurationMin < longest ? LeaseDurationMin : longest;
        return TimeSpan.FromSeconds(Math.Clamp(seconds, shortest.TotalSeconds, longest.TotalSeconds));
    }
}

/// <param name="First">First address of the pool; with <paramref name="Last"/> null: reservations only.</param>
/// <param name="Routers">Default gateways to hand out.</param>
public sealed record DhcpSubnet(IPNetwork Network, IPAddress? First = null, IPAddress? Last = null)
{
    /// <summary>Addresses of the pool that are not given out, except where one is reserved.</summary>
    public IReadOnlyList<AddressRange> Excluded { get; init; } = [];

    /// <summary>Addresses for BOOTP clients without a reservation, for ever; null: they get none.</summary>
    public AddressRange? Bootp { get; init; }

    public IReadOnlyList<IPAddress> Routers { get; init; } = [];

    public IReadOnlyList<IPAddress> NameServers { get; init; } = [];

    public string? DomainName { get; init; }

    /// <summary>Options for machines of this subnet; over the server's, and under those of a collection or machine.</summary>
    public DhcpOptions Options { get; init; } = DhcpOptions.None;
}

public sealed record DhcpReservation(MacAddress Mac, IPAddress Address, string? HostName = null);

/// <summary>Boot programs by client architecture (option 93, IANA's list of processor architectures); an empty name means: none.</summary>
public sealed record DhcpBootPrograms
{
    public string Bios { get; init; } = "undionly.kpxe";

    public string UefiX86 { get; init; } = "";

    public string UefiX64 { get; init; } = "snponly.efi";

    public string UefiX64Http { get; init; } = "snponly.efi";

    public string UefiArm32 { get; init; } = "";

    public string UefiArm64 { get; init; } = "ipxe-arm64.efi";

    public string UefiArm64Http { get; init; } = "ipxe-arm64.efi";

    /// <summary>For BOOTP clients that name no file themselves.</summary>
    public string Bootp { get; init; } = "undionly.kpxe";

    /// <param name="architecture">Null from firmware older than option 93, which is a BIOS.</param>
    public string Of(ushort? architecture) =>
        architecture switch
        {
            null or 0 => Bios,
            6 or 15 => UefiX86,
            // 9 was assigned to EFI byte code, and means x64 wherever it was seen.
            7 or 9 => UefiX64,
            16 => UefiX64Http,
            10 or 18 => UefiArm32,
            11 => UefiArm64,
            19 => UefiArm64Http,
            _ => "",
        };
}
