using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hatchery.Wire.Dhcp;

/// <summary>Option values as text and bytes. What is shown parses to the same bytes.</summary>
internal static class DhcpOptionValue
{
    private const byte End = (byte)DhcpOptionCode.End;

    /// <summary>What a text of this kind looks like; for messages.</summary>
    public static string Example(DhcpOptionKind kind) =>
        kind switch
        {
            DhcpOptionKind.Address => "an IPv4 address",
            DhcpOptionKind.Addresses => "IPv4 addresses, e.g. 10.77.0.1,10.77.0.2",
            DhcpOptionKind.AddressPairs => "pairs of IPv4 addresses, e.g. 10.1.0.0:10.77.0.254",
            DhcpOptionKind.Text => "printable text",
            DhcpOptionKind.Flag => "on or off",
            DhcpOptionKind.Number8 => "0 to 255",
            DhcpOptionKind.Number16 => "0 to 65535",
            DhcpOptionKind.Number32 => "0 to 4294967295",
            DhcpOptionKind.Signed32 => "a number of 32 bits, e.g. -3600",
            DhcpOptionKind.Numbers16 => "numbers from 0 to 65535, e.g. 68,296",
            DhcpOptionKind.Domains => "domain names, e.g. farm.test,example.org",
            DhcpOptionKind.Routes => "networks and their routers, e.g. 10.1.0.0/16:10.77.0.254,0.0.0.0/0:10.77.0.1",
            DhcpOptionKind.SubOptions or DhcpOptionKind.VendorSubOptions => "sub-options, e.g. 1=ip:10.77.0.1;6=u8:8",
            DhcpOptionKind.MachineId => "a UUID",
            _ => "hex:0a4d0001, text:abc, ip:10.77.0.1, u8:1, u16:1 or u32:1",
        };

    public static bool TryParse(DhcpOptionKind kind, string text, [NotNullWhen(true)] out byte[]? value)
    {
        value = kind switch
        {
            DhcpOptionKind.Address => Each(text, Address) is { Length: 4 } one ? one : null,
            DhcpOptionKind.Addresses => Each(text, Address),
            DhcpOptionKind.AddressPairs => Each(text, pair => Pair(pair, Address, Address)),
            DhcpOptionKind.Text => Text(text),
            DhcpOptionKind.Flag => text switch
            {
                "on" or "true" => [1],
                "off" or "false" => [0],
                _ => null,
            },
            DhcpOptionKind.Number8 => Number(text, 1, byte.MaxValue),
            DhcpOptionKind.Number16 => Number(text, 2, ushort.MaxValue),
            DhcpOptionKind.Number32 => Number(text, 4, uint.MaxValue),
            DhcpOptionKind.Signed32 => int.TryParse(
                text,
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var signed
            )
                ? BigEndian((uint)signed, 4)
                : null,
            DhcpOptionKind.Numbers16 => Each(text, number => Number(number, 2, ushort.MaxValue)),
            DhcpOptionKind.Domains => Each(text, Domain),
            DhcpOptionKind.Routes => Each(text, route => Pair(route, Network, Address)),
            DhcpOptionKind.SubOptions => SubOptions(text),
            DhcpOptionKind.VendorSubOptions => SubOptions(text) is { } inner ? [.. inner, End] : null,
            DhcpOptionKind.MachineId => Guid.TryParse(text, out var uuid) ? [0, .. uuid.ToByteArray()] : null,
            _ => Any(text),
        };
        return value is not null;
    }

    /// <summary>The text of a value; null where the bytes are none of this kind.</summary>
    public static string? Show(DhcpOptionKind kind, ReadOnlySpan<byte> value) =>
        kind switch
        {
            DhcpOptionKind.Address => value.Length == 4 ? Addresses(value) : null,
            DhcpOptionKind.Addresses => value.Length > 0 && value.Length % 4 == 0 ? Addresses(value) : null,
            DhcpOptionKind.AddressPairs => Pairs(value),
            DhcpOptionKind.Text => Printable(value),
            DhcpOptionKind.Flag => value is [0 or 1] ? (value[0] == 1 ? "on" : "off") : null,
            DhcpOptionKind.Number8 => value.Length == 1 ? Invariant(value[0]) : null,
            DhcpOptionKind.Number16 => value.Length == 2
                ? Invariant(BinaryPrimitives.ReadUInt16BigEndian(value))
                : null,
            DhcpOptionKind.Number32 => value.Length == 4
                ? Invariant(BinaryPrimitives.ReadUInt32BigEndian(value))
                : null,
            DhcpOptionKind.Signed32 => value.Length == 4 ? Invariant(BinaryPrimitives.ReadInt32BigEndian(value)) : null,
            DhcpOptionKind.Numbers16 => Numbers(value),
            DhcpOptionKind.Domains => DomainNames.Show(value),
            DhcpOptionKind.Routes => Routes(value),
            DhcpOptionKind.SubOptions => Inner(value),
            DhcpOptionKind.VendorSubOptions => value is [.. var inner, End] ? Inner(inner) : null,
            DhcpOptionKind.MachineId => value is [0, .. { Length: 16 } uuid] ? new Guid(uuid).ToString() : null,
            _ => Hex(value),
        };

    public static string Hex(ReadOnlySpan<byte> value) => $"hex:{Convert.ToHexStringLower(value)}";

    /// <summary>Hexadecimal digits, in pairs that colons may part; null for anything else.</summary>
    public static byte[]? Hex(string digits)
    {
        var plain = digits.Replace(":", "", StringComparison.Ordinal);
        return plain.Length % 2 == 0 && plain.All(char.IsAsciiHexDigit) ? Convert.FromHexString(plain) : null;
    }

    private static byte[]? Any(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (form, rest) = colon < 0 ? ("", text) : (text[..colon], text[(colon + 1)..]);
        return form switch
        {
            "hex" => Hex(rest),
            "text" => Text(rest),
            "ip" => Each(rest, Address),
            "u8" => Number(rest, 1, byte.MaxValue),
            "u16" => Number(rest, 2, ushort.MaxValue),
            "u32" => Number(rest, 4, uint.MaxValue),
            _ => null,
        };
    }

    private static byte[]? SubOptions(string text)
    {
        var options = DhcpOptions.None;
        foreach (var option in text.Split(';'))
        {
            var cut = option.IndexOf('=', StringComparison.Ordinal);
            if (
                cut < 0
                || !byte.TryParse(option[..cut], NumberStyles.None, CultureInfo.InvariantCulture, out var code)
                || code is 0 or End
                || options.Has((DhcpOptionCode)code)
                || Any(option[(cut + 1)..]) is not { } value
            )
                return null;
            options = options.With(code, value);
        }
        return DhcpOptionsCodec.Encapsulate(options);
    }

    private static string? Inner(ReadOnlySpan<byte> value)
    {
        // Padding, an end in the middle or a code that comes twice would not come back as they were.
        if (
            value.IsEmpty
            || !DhcpOptionsCodec.TryReadEncapsulated(value, out var options)
            || !value.SequenceEqual(DhcpOptionsCodec.Encapsulate(options))
        )
            return null;
        return string.Join(';', options.Select(o => $"{Invariant(o.Key)}={Hex(o.Value.Span)}"));
    }

    private static byte[]? Each(string text, Func<string, byte[]?> parse)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var item in text.Split(','))
        {
            if (parse(item.Trim()) is not { } value)
                return null;
            bytes.Write(value);
        }
        return bytes.WrittenSpan.ToArray();
    }

    private static byte[]? Pair(string text, Func<string, byte[]?> first, Func<string, byte[]?> second)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && first(text[..colon]) is { } a && second(text[(colon + 1)..]) is { } b ? [.. a, .. b] : null;
    }

    /// <summary>Four numbers and nothing shorter: 10.1 would be 10.0.0.1.</summary>
    private static byte[]? Address(string text) =>
        IPAddress.TryParse(text, out var address)
        && address.AddressFamily == AddressFamily.InterNetwork
        && string.Equals(address.ToString(), text, StringComparison.Ordinal)
            ? address.GetAddressBytes()
            : null;

    /// <summary>RFC 3442: the prefix length, and as many octets of the network as it needs; no bits beyond the prefix.</summary>
    private static byte[]? Network(string text) =>
        IPNetwork.TryParse(text, out var network)
        && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork
        && string.Equals(network.ToString(), text, StringComparison.Ordinal)
            ?
            [
                (byte)network.PrefixLength,
                .. network.BaseAddress.GetAddressBytes().AsSpan(0, (network.PrefixLength + 7) / 8),
            ]
            : null;

    private static byte[]? Domain(string text) => DomainNames.TryParse(text, out var name) ? name : null;

    private static byte[]? Text(string text) =>
        text.Length > 0 && !text.Any(char.IsControl) ? Encoding.UTF8.GetBytes(text) : null;

    private static byte[]? Number(string text, int lengthBytes, uint max) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max
            ? BigEndian(number, lengthBytes)
            : null;

    private static byte[] BigEndian(uint number, int lengthBytes)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, number);
        return octets[(4 - lengthBytes)..].ToArray();
    }

    private static string? Printable(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        return
            text.Length > 0
            && !text.Any(char.IsControl)
            && value.SequenceEqual(Encoding.UTF8.GetBytes(text))
            && !text.StartsWith("hex:", StringComparison.Ordinal)
            ? text
            : null;
    }

    private static string Addresses(ReadOnlySpan<byte> value)
    {
        var addresses = new string[value.Length / 4];
        for (var i = 0; i < addresses.Length; i++)
            addresses[i] = new IPAddress(value.Slice(4 * i, 4)).ToString();
        return string.Join(',', addresses);
    }

    private static string? Pairs(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.Length % 8 != 0)
            return null;
        var pairs = new string[value.Length / 8];
        for (var i = 0; i < pairs.Length; i++)
            pairs[i] = $"{Addresses(value.Slice(8 * i, 4))}:{Addresses(value.Slice((8 * i) + 4, 4))}";
        return string.Join(',', pairs);
    }

    private static string? Numbers(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.Length % 2 != 0)
            return null;
        var numbers = new string[value.Length / 2];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = Invariant(BinaryPrimitives.ReadUInt16BigEndian(value[(2 * i)..]));
        return string.Join(',', numbers);
    }

    private static string? Routes(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return null;
        var routes = new List<string>();
        Span<byte> network = stackalloc byte[4];
        while (!value.IsEmpty)
        {
            var significant = (value[0] + 7) / 8;
            if (value[0] > 32 || value.Length < 1 + significant + 4)
                return null;
            network.Clear();
            value.Slice(1, significant).CopyTo(network);
            var text = $"{Addresses(network)}/{Invariant(value[0])}";
            // Bits beyond the prefix would not come back.
            if (Network(text) is null)
                return null;
            routes.Add($"{text}:{Addresses(value.Slice(1 + significant, 4))}");
            value = value[(1 + significant + 4)..];
        }
        return string.Join(',', routes);
    }

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);
}
