using System.Diagnostics.CodeAnalysis;

namespace Hatchery.Disks;

/// <summary>One vDisk, across all its versions; a random 128-bit id, written as 32 lower-case hexadecimal digits.</summary>
public readonly record struct VDiskId(Guid Value) : IParsable<VDiskId>
{
    public static VDiskId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException($"'{s}' is no VDiskId: 32 hexadecimal digits");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out VDiskId result)
    {
        var known = Guid.TryParseExact(s, "N", out var value);
        result = new(value);
        return known;
    }

    public override string ToString() => Value.ToString("N");
}
