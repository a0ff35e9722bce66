using System.Diagnostics.CodeAnalysis;

namespace Hatchery.Disks;

/// <summary>One target device, for as long as the farm knows it; a random 128-bit id, written as 32 lower-case hexadecimal digits.</summary>
public readonly record struct DeviceId(Guid Value) : IParsable<DeviceId>
{
    public static DeviceId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException($"'{s}' is no DeviceId: 32 hexadecimal digits");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DeviceId result)
    {
        var known = Guid.TryParseExact(s, "N", out var value);
        result = new(value);
        return known;
    }

    public override string ToString() => Value.ToString("N");
}
