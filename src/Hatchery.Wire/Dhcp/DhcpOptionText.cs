using System.Diagnostics.CodeAnalysis;

namespace Hatchery.Wire.Dhcp;

/// <summary>
/// Options as operators write them, in settings and in commands alike: <c>ntp-servers=10.77.0.1</c>, <c>42=10.77.0.1</c>,
/// <c>43=hex:0601080aff</c>, <c>175=176=u8:1</c>. Any option takes <c>hex:</c>, as long as the bytes are of its kind.
/// </summary>
public static class DhcpOptionText
{
    /// <summary>What one option may hold. A client takes 576 bytes in all unless it says otherwise.</summary>
    public const int ValueMaxBytes = 1024;

    /// <param name="error">What is wrong, in one sentence.</param>
    public static bool TryParse(
        string text,
        out byte code,
        [NotNullWhen(true)] out byte[]? value,
        [NotNullWhen(false)] out string? error
    )
    {
        value = null;
        var cut = text.IndexOf('=', StringComparison.Ordinal);
        if (cut < 0)
        {
            code = 0;
            error = $"'{text}' is no DHCP option: NAME=VALUE, e.g. ntp-servers=10.77.0.1";
            return false;
        }
        if (!TryParseCode(text[..cut], out code, out error))
            return false;
        var (name, given) = (DhcpOptionCatalog.NameOf(code), text[(cut + 1)..]);
        var kind = DhcpOptionCatalog.KindOf(code);
        if (given.StartsWith("hex:", StringComparison.Ordinal))
        {
            value = DhcpOptionValue.Hex(given[4..]);
            // A vendor may put anything into an option of options.
            if (kind is not (DhcpOptionKind.VendorSubOptions or DhcpOptionKind.SubOptions or DhcpOptionKind.Any))
                value = value is not null && DhcpOptionValue.Show(kind, value) is not null ? value : null;
        }
        else if (DhcpOptionValue.TryParse(kind, given, out var parsed))
            value = parsed;
        error =
            value is null ? $"DHCP option {name}: '{given}' has to be {DhcpOptionValue.Example(kind)}"
            : value.Length > ValueMaxBytes ? $"DHCP option {name}: it is longer than {ValueMaxBytes} bytes"
            : null;
        return error is null;
    }

    /// <param name="nameOrNumber">An option that an operator may set.</param>
    public static bool TryParseCode(string nameOrNumber, out byte code, [NotNullWhen(false)] out string? error)
    {
        error =
            !DhcpOptionCatalog.TryFind(nameOrNumber, out code)
                ? $"there is no DHCP option '{nameOrNumber}': a name such as ntp-servers, or a number from 1 to 254"
            : DhcpOptionCatalog.WhyNotSettable(code) is { } why
                ? $"DHCP option {DhcpOptionCatalog.NameOf(code)} cannot be set: {why}"
            : null;
        return error is null;
    }

    /// <summary>The value as it could be given to <see cref="TryParse"/>.</summary>
    public static string ShowValue(byte code, ReadOnlySpan<byte> value) =>
        DhcpOptionValue.Show(DhcpOptionCatalog.KindOf(code), value) ?? DhcpOptionValue.Hex(value);
}
