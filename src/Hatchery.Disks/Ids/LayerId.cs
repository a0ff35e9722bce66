using System.Diagnostics.CodeAnalysis;

namespace Hatchery.Disks;

/// <summary>One layer: the file, or the row of segments, that holds what one version or one write cache changes; a random 128-bit id, written as 32 lower-case hexadecimal digits.</summary>
public readonly record struct LayerId(Guid Value) : IParsable<LayerId>
{
    /// <summary>In the place of a write cache: there is none at the servers, the machine keeps what it writes.</summary>
    public static LayerId None => default;

    public static LayerId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException($"'{s}' is no LayerId: 32 hexadecimal digits");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out LayerId result)
    {
        var known = Guid.TryParseExact(s, "N", out var value);
        result = new(value);
        return known;
    }

    public override string ToString() => Value.ToString("N");
}
