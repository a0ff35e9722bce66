using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Hatchery.Wire;

/// <summary>An EUI-48 hardware address, written as six pairs of lower-case hexadecimal digits with colons.</summary>
public readonly record struct MacAddress(ulong Value) : IParsable<MacAddress>
{
    public static MacAddress FromBytes(ReadOnlySpan<byte> sixBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sixBytes.Length, 6);
        var value = 0UL;
        foreach (var octet in sixBytes)
            value = (value << 8) | octet;
        return new(value);
    }

    public void CopyTo(Span<byte> sixBytes)
    {
        for (var i = 0; i < 6; i++)
            sixBytes[i] = (byte)(Value >> (40 - (8 * i)));
    }

    /// <summary>A multicast or the all-zero address is nobody's own.</summary>
    public bool IsUnicast => Value != 0 && (Value & 0x01_00_00_00_00_00) == 0;

    public static MacAddress Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var mac)
            ? mac
            : throw new FormatException($"'{s}' is no MAC address: 52:54:00:12:34:56");

    /// <summary>Takes pairs apart by colons, hyphens or nothing.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out MacAddress result)
    {
        result = default;
        var digits = s?.Replace(":", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        if (digits is not { Length: 12 } || s!.Length is not (12 or 17))
            return false;
        var known = ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value);
        result = new(value);
        return known;
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Octet(0):x2}:{Octet(1):x2}:{Octet(2):x2}:{Octet(3):x2}:{Octet(4):x2}:{Octet(5):x2}"
        );

    private byte Octet(int index) => (byte)(Value >> (40 - (8 * index)));
}
