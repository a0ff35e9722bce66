using System.Diagnostics.CodeAnalysis;

namespace Hatchery.Devices;

/// <summary>One collection of devices; a random 128-bit id, all zeroes for the one that is always there, written as 32 lower-case hexadecimal digits.</summary>
public readonly record struct CollectionId(Guid Value) : IParsable<CollectionId>
{
    public static CollectionId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException($"'{s}' is no CollectionId: 32 hexadecimal digits");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out CollectionId result)
    {
        var known = Guid.TryParseExact(s, "N", out var value);
        result = new(value);
        return known;
    }

    public override string ToString() => Value.ToString("N");
}
