using System.Text.Json.Serialization;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Devices;

/// <summary>What can be set for one device and for a whole collection; a device's own goes before its collection's.</summary>
/// <param name="KernelArguments">Added to the kernel's command line behind the vDisk's; null: not set here.</param>
/// <param name="Options">DHCP options, by code.</param>
/// <param name="WriteCacheLimitBytes">What a device may hold in its write cache that it did not overwrite or discard; 0: as much as there is room for; null: not set here.</param>
/// <param name="Access">The least finished versions of its vDisk that a device boots; null: not set here.</param>
/// <param name="Personality">What the machine is told about itself, by name; null: nothing here.</param>
public sealed record MachineSettings(
    string? KernelArguments,
    DhcpOptions Options,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? WriteCacheLimitBytes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] VersionAccess? Access = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PersonalityStrings? Personality = null
)
{
    /// <summary>Bytes of personality data in one change: written with every character escaped, it still fits a message between servers.</summary>
    public const int PersonalityChangeBytesMax = 16 << 10;

    public const long WriteCacheLimitMinBytes = 1L << 20;
    public const long WriteCacheLimitMaxBytes = 1L << 50;

    private const int KernelArgumentsMax = 2000;
    private const int OptionsMax = 64;

    public static MachineSettings None { get; } = new(null, DhcpOptions.None);

    [JsonIgnore]
    public bool IsNone =>
        KernelArguments is null
        && Options.Count == 0
        && WriteCacheLimitBytes is null
        && Access is null
        && Personality is null;

    public MachineSettings Apply(MachineSettingsChange change)
    {
        var options = Options.Under(change.Options ?? DhcpOptions.None);
        if (change.Without is { } without)
            options = options.Where(code => !without.Contains(code));
        byte[] codes = [.. options.Select(o => o.Key).Order()];
        return new(
            change.KernelArguments switch
            {
                null => KernelArguments,
                "" => null,
                var given => given,
            },
            options.InOrderOf(codes),
            change.WithoutWriteCacheLimit ? null : change.WriteCacheLimitBytes ?? WriteCacheLimitBytes,
            change.WithoutAccess ? null : change.Access ?? Access,
            (Personality ?? PersonalityStrings.None)
                .Without(change.WithoutPersonality ?? [])
                .Under(change.Personality ?? PersonalityStrings.None)
                is { Count: > 0 } personality
                ? personality
                : null
        );
    }

    /// <summary>What is wrong with a change; null for one that can be made.</summary>
    internal static string? WhyNot(MachineSettingsChange? change, MachineSettings before)
    {
        if (change is null)
            return null;
        if (change.KernelArguments is { Length: > KernelArgumentsMax })
            return $"kernel arguments are longer than {KernelArgumentsMax} characters";
        if (
            change.WriteCacheLimitBytes
            is not (null or 0 or (>= WriteCacheLimitMinBytes and <= WriteCacheLimitMaxBytes))
        )
            return "the limit of a write cache is 1 MiB or more, up to 1 PiB, or 0 for none";
        if (change.Access is { } access && (access == VersionAccess.Retired || !Enum.IsDefined(access)))
            return "a device boots versions in production, in test or in maintenance";
        foreach (var (code, value) in change.Options ?? DhcpOptions.None)
        {
            if (DhcpOptionCatalog.WhyNotSettable(code) is { } why)
                return $"DHCP option {DhcpOptionCatalog.NameOf(code)} cannot be set: {why}";
            if (value.Length > DhcpOptionText.ValueMaxBytes)
                return $"DHCP option {DhcpOptionCatalog.NameOf(code)} is longer than {DhcpOptionText.ValueMaxBytes} bytes";
        }
        if (change.Personality is { } told && (told.Fault ?? WhyTooMuch(told)) is { } wrong)
            return wrong;
        var after = before.Apply(change);
        return after.Options.Count > OptionsMax ? $"more than {OptionsMax} DHCP options" : after.Personality?.Fault;
    }

    private static string? WhyTooMuch(PersonalityStrings told) =>
        told.Bytes > PersonalityChangeBytesMax
            ? $"{told.Bytes} bytes of personality data at once: at most {PersonalityChangeBytesMax} are set in one change"
            : null;
}

/// <param name="KernelArguments">Null: as they are; empty: set here no more.</param>
/// <param name="Personality">Names and values to set; null: none.</param>
/// <param name="WithoutPersonality">Names that are set here no more; null: none. One that is set as well stays.</param>
/// <param name="Options">DHCP options to set; null: none.</param>
/// <param name="Without">Codes of DHCP options that are set here no more; null: none.</param>
/// <param name="WriteCacheLimitBytes">Null: as it is; 0: no limit.</param>
/// <param name="WithoutWriteCacheLimit">It is set here no more, whatever is given; likewise <paramref name="WithoutAccess"/>.</param>
public sealed record MachineSettingsChange(
    string? KernelArguments = null,
    DhcpOptions? Options = null,
    IReadOnlyList<byte>? Without = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? WriteCacheLimitBytes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool WithoutWriteCacheLimit = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] VersionAccess? Access = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool WithoutAccess = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PersonalityStrings? Personality = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        IReadOnlyList<string>? WithoutPersonality = null
);
