using System.Collections.Frozen;
using System.Globalization;

namespace Hatchery.Wire.Dhcp;

/// <summary>Names and kinds of the options that an operator may set (IANA's list of BOOTP and DHCP parameters), and who else sets the others.</summary>
public static class DhcpOptionCatalog
{
    private static readonly FrozenDictionary<byte, (string Name, DhcpOptionKind Kind)> s_known = new (
        byte Code,
        string Name,
        DhcpOptionKind Kind
    )[]
    {
        (2, "time-offset", DhcpOptionKind.Signed32),
        (3, "routers", DhcpOptionKind.Addresses),
        (4, "time-servers", DhcpOptionKind.Addresses),
        (5, "ien116-name-servers", DhcpOptionKind.Addresses),
        (6, "domain-name-servers", DhcpOptionKind.Addresses),
        (7, "log-servers", DhcpOptionKind.Addresses),
        (8, "cookie-servers", DhcpOptionKind.Addresses),
        (9, "lpr-servers", DhcpOptionKind.Addresses),
        (10, "impress-servers", DhcpOptionKind.Addresses),
        (11, "resource-location-servers", DhcpOptionKind.Addresses),
        (12, "host-name", DhcpOptionKind.Text),
        (13, "boot-size", DhcpOptionKind.Number16),
        (14, "merit-dump", DhcpOptionKind.Text),
        (15, "domain-name", DhcpOptionKind.Text),
        (16, "swap-server", DhcpOptionKind.Address),
        (17, "root-path", DhcpOptionKind.Text),
        (18, "extensions-path", DhcpOptionKind.Text),
        (19, "ip-forwarding", DhcpOptionKind.Flag),
        (20, "non-local-source-routing", DhcpOptionKind.Flag),
        (21, "policy-filter", DhcpOptionKind.AddressPairs),
        (22, "max-dgram-reassembly", DhcpOptionKind.Number16),
        (23, "default-ip-ttl", DhcpOptionKind.Number8),
        (24, "path-mtu-aging-timeout", DhcpOptionKind.Number32),
        (25, "path-mtu-plateau-table", DhcpOptionKind.Numbers16),
        (26, "interface-mtu", DhcpOptionKind.Number16),
        (27, "all-subnets-local", DhcpOptionKind.Flag),
        (28, "broadcast-address", DhcpOptionKind.Address),
        (29, "perform-mask-discovery", DhcpOptionKind.Flag),
        (30, "mask-supplier", DhcpOptionKind.Flag),
        (31, "router-discovery", DhcpOptionKind.Flag),
        (32, "router-solicitation-address", DhcpOptionKind.Address),
        (33, "static-routes", DhcpOptionKind.AddressPairs),
        (34, "trailer-encapsulation", DhcpOptionKind.Flag),
        (35, "arp-cache-timeout", DhcpOptionKind.Number32),
        (36, "ieee802-3-encapsulation", DhcpOptionKind.Flag),
        (37, "default-tcp-ttl", DhcpOptionKind.Number8),
        (38, "tcp-keepalive-interval", DhcpOptionKind.Number32),
        (39, "tcp-keepalive-garbage", DhcpOptionKind.Flag),
        (40, "nis-domain", DhcpOptionKind.Text),
        (41, "nis-servers", DhcpOptionKind.Addresses),
        (42, "ntp-servers", DhcpOptionKind.Addresses),
        (43, "vendor-encapsulated-options", DhcpOptionKind.VendorSubOptions),
        (44, "netbios-name-servers", DhcpOptionKind.Addresses),
        (45, "netbios-dd-servers", DhcpOptionKind.Addresses),
        (46, "netbios-node-type", DhcpOptionKind.Number8),
        (47, "netbios-scope", DhcpOptionKind.Text),
        (48, "font-servers", DhcpOptionKind.Addresses),
        (49, "x-display-managers", DhcpOptionKind.Addresses),
        (60, "vendor-class-identifier", DhcpOptionKind.Text),
        (62, "nwip-domain", DhcpOptionKind.Text),
        (63, "nwip-suboptions", DhcpOptionKind.SubOptions),
        (64, "nisplus-domain", DhcpOptionKind.Text),
        (65, "nisplus-servers", DhcpOptionKind.Addresses),
        (66, "tftp-server-name", DhcpOptionKind.Text),
        (67, "bootfile-name", DhcpOptionKind.Text),
        (68, "mobile-ip-home-agents", DhcpOptionKind.Addresses),
        (69, "smtp-servers", DhcpOptionKind.Addresses),
        (70, "pop3-servers", DhcpOptionKind.Addresses),
        (71, "nntp-servers", DhcpOptionKind.Addresses),
        (72, "www-servers", DhcpOptionKind.Addresses),
        (73, "finger-servers", DhcpOptionKind.Addresses),
        (74, "irc-servers", DhcpOptionKind.Addresses),
        (75, "street-talk-servers", DhcpOptionKind.Addresses),
        (76, "street-talk-directory-servers", DhcpOptionKind.Addresses),
        (85, "nds-servers", DhcpOptionKind.Addresses),
        (86, "nds-tree-name", DhcpOptionKind.Text),
        (87, "nds-context", DhcpOptionKind.Text),
        (97, "client-machine-id", DhcpOptionKind.MachineId),
        (98, "uap-servers", DhcpOptionKind.Text),
        (100, "posix-timezone", DhcpOptionKind.Text),
        (101, "tzdb-timezone", DhcpOptionKind.Text),
        (108, "ipv6-only-preferred", DhcpOptionKind.Number32),
        (112, "netinfo-server-address", DhcpOptionKind.Addresses),
        (113, "netinfo-server-tag", DhcpOptionKind.Text),
        (114, "captive-portal", DhcpOptionKind.Text),
        (116, "auto-config", DhcpOptionKind.Number8),
        (117, "name-service-search", DhcpOptionKind.Numbers16),
        (119, "domain-search", DhcpOptionKind.Domains),
        (121, "classless-static-routes", DhcpOptionKind.Routes),
        (136, "pana-agents", DhcpOptionKind.Addresses),
        (138, "capwap-controllers", DhcpOptionKind.Addresses),
        (150, "tftp-servers", DhcpOptionKind.Addresses),
        (175, "ipxe", DhcpOptionKind.SubOptions),
        (208, "pxelinux-magic", DhcpOptionKind.Any),
        (209, "pxelinux-configfile", DhcpOptionKind.Text),
        (210, "pxelinux-pathprefix", DhcpOptionKind.Text),
        (211, "pxelinux-reboottime", DhcpOptionKind.Number32),
        (249, "ms-classless-static-routes", DhcpOptionKind.Routes),
        (252, "wpad", DhcpOptionKind.Text),
    }.ToFrozenDictionary(o => o.Code, o => (o.Name, o.Kind));

    private static readonly FrozenDictionary<string, byte> s_codes = s_known.ToFrozenDictionary(
        o => o.Value.Name,
        o => o.Key,
        StringComparer.Ordinal
    );

    /// <summary>Codes that have a name, in their order.</summary>
    public static IEnumerable<byte> Named => s_known.Keys.Order();

    /// <summary>The option's name, or its number where it has none here.</summary>
    public static string NameOf(byte code) =>
        s_known.TryGetValue(code, out var known) ? known.Name : code.ToString(CultureInfo.InvariantCulture);

    public static DhcpOptionKind KindOf(byte code) =>
        s_known.TryGetValue(code, out var known) ? known.Kind : DhcpOptionKind.Any;

    /// <param name="nameOrNumber">A name as above, or 0 to 255.</param>
    public static bool TryFind(string nameOrNumber, out byte code) =>
        s_codes.TryGetValue(nameOrNumber, out code)
        || byte.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out code);

    /// <summary>Why nobody may set this option; null where an operator may.</summary>
    public static string? WhyNotSettable(byte code) =>
        code switch
        {
            0 or 255 => "it only marks where options are padded or end",
            1 => "the subnet mask is that of the pool's network",
            51 or 58 or 59 => "times come from hatchery.boot.dhcp.lease-duration",
            52 => "the server sets it when options have to go into other fields",
            53 or 54 or 56 or 118 or 82 => "the server sets it as the message needs it",
            50 or 55 or 57 or 61 or 77 or 93 or 94 => "it is what a client says of itself",
            90 => "messages are not signed here",
            _ => null,
        };
}
