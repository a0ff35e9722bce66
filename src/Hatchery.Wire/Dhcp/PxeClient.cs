using System.Globalization;

namespace Hatchery.Wire.Dhcp;

/// <summary>What network-boot clients say of themselves in their options (RFC 4578, RFC 3004, iPXE).</summary>
public static class PxeClient
{
    /// <summary>Sub-option of 175 that tells iPXE not to wait for proxy DHCP offers.</summary>
    public const byte IpxeNoProxyDhcp = 176;

    /// <summary>Sub-option of 43: how to find boot servers (PXE 2.1 table 2-1).</summary>
    public const byte DiscoveryControl = 6;

    /// <summary>Bit 3 of it: load the boot file of this very message, without menu or discovery.</summary>
    public const byte UseBootFile = 8;

    private static readonly byte[] s_ipxe = "iPXE"u8.ToArray();

    /// <summary>Firmware that boots from the network, by TFTP or by HTTP.</summary>
    public static bool IsNetworkBoot(DhcpOptions options) =>
        options[DhcpOptionCode.VendorClass] is var vendor
        && (vendor.StartsWith("PXEClient"u8) || vendor.StartsWith("HTTPClient"u8));

    public static bool IsHttpBoot(DhcpOptions options) =>
        options[DhcpOptionCode.VendorClass].StartsWith("HTTPClient"u8);

    /// <summary>iPXE is known by its own option or by the user class that it sends.</summary>
    public static bool IsIpxe(DhcpOptions options) =>
        options.Has(DhcpOptionCode.Ipxe) || HasUserClass(options[DhcpOptionCode.UserClass], s_ipxe);

    /// <summary>False where iPXE lists what it can (sub-options 16 to 47 of 175) and HTTP is not there, as in some vendors' ROMs.</summary>
    public static bool CanIpxeFetchHttp(DhcpOptions options)
    {
        const byte http = 19;
        var features = options.Encapsulated(DhcpOptionCode.Ipxe);
        return features.Has((DhcpOptionCode)http) || !features.Any(option => option.Key is >= 16 and < 48);
    }

    /// <summary>The first architecture of option 93 or, without one, that of the vendor class "PXEClient:Arch:xxxxx:...".</summary>
    public static ushort? Architecture(DhcpOptions options)
    {
        if (options.UInt16(DhcpOptionCode.ClientArchitecture) is { } architecture)
            return architecture;
        var vendor = options[DhcpOptionCode.VendorClass];
        var digits = vendor.IndexOf(":Arch:"u8) is >= 0 and var at ? vendor[(at + 6)..] : default;
        return
            digits.Length >= 5
            && ushort.TryParse(digits[..5], NumberStyles.None, CultureInfo.InvariantCulture, out var said)
            ? said
            : null;
    }

    /// <summary>Option 97 of type 0; the bytes stand as in SMBIOS, the first three fields little-endian. All zeroes is none.</summary>
    public static Guid? Uuid(DhcpOptions options) =>
        options[DhcpOptionCode.ClientMachineIdentifier] is { Length: 17 } octets
        && octets[0] == 0
        && octets[1..].ContainsAnyExcept((byte)0)
            ? new Guid(octets[1..])
            : null;

    /// <summary>Plain text, as iPXE writes it, or a list of texts with their lengths before them (RFC 3004).</summary>
    private static bool HasUserClass(ReadOnlySpan<byte> option, ReadOnlySpan<byte> name)
    {
        if (option.SequenceEqual(name))
            return true;
        while (option.Length > 0 && option.Length > option[0])
        {
            if (option.Slice(1, option[0]).SequenceEqual(name))
                return true;
            option = option[(1 + option[0])..];
        }
        return false;
    }
}
