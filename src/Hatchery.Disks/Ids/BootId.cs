using System.Diagnostics.CodeAnalysis;

namespace Hatchery.Disks;

/// <summary>One boot of one device: from its first login to the next boot's first login; a random 128-bit id, written as 32 lower-case hexadecimal digits.</summary>
public readonly record struct BootId(Guid Value) : IParsable<BootId>
{
    public static BootId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException($"'{s}' is no BootId: 32 hexadecimal digits");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out BootId result)
    {
        var known = Guid.TryParseExact(s, "N", out var value);
        result = new(value);
        return known;
    }

    public override string ToString() => Value.ToString("N");
}
