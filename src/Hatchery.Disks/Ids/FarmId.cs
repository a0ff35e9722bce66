using System.Diagnostics.CodeAnalysis;

namespace Hatchery.Disks;

/// <summary>The farm; a random 128-bit id, written as 32 lower-case hexadecimal digits.</summary>
public readonly record struct FarmId(Guid Value) : IParsable<FarmId>
{
    public static FarmId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException($"'{s}' is no FarmId: 32 hexadecimal digits");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out FarmId result)
    {
        var known = Guid.TryParseExact(s, "N", out var value);
        result = new(value);
        return known;
    }

    public override string ToString() => Value.ToString("N");
}
