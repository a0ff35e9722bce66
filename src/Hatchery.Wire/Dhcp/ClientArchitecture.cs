using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Hatchery.Wire.Dhcp;

/// <summary>What firmware a machine has, by option 93 (RFC 4578; IANA's list of processor architectures): a name for all numbers of
/// one kind, by PXE and by HTTP, or one number.</summary>
/// <param name="Name">bios, uefi-x86, uefi-x64, uefi-arm32, uefi-arm64, or a number.</param>
public readonly record struct ClientArchitecture(string Name) : IParsable<ClientArchitecture>
{
    public const string Names = "bios, uefi-x86, uefi-x64, uefi-arm32, uefi-arm64 or a number";

    public bool Matches(ushort architecture) => Numbers(Name)?.Contains(architecture) == true;

    /// <summary>The number that firmware of this kind sends by PXE.</summary>
    public ushort First => Numbers(Name)![0];

    public static ClientArchitecture Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var architecture)
            ? architecture
            : throw new FormatException($"'{s}' is no architecture: {Names}");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ClientArchitecture result)
    {
        var known = s is not null && Numbers(s) is not null;
        result = known ? new(s!) : default;
        return known;
    }

    public override string ToString() => Name;

    private static ushort[]? Numbers(string name) =>
        name switch
        {
            "bios" => [0],
            "uefi-x86" => [6, 15],
            "uefi-x64" => [7, 9, 16],
            "uefi-arm32" => [10, 18],
            "uefi-arm64" => [11, 19],
            _ => ushort.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? [number]
                : null,
        };
}
