using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The devices and vDisks that a command names: as it names them, and by name and id as the farm knows them.</summary>
internal static class Subjects
{
    private static readonly string[] s_devices = ["device", "from-private"];
    private static readonly string[] s_vDisks = ["vdisk"];

    /// <summary>Of a device or vDisk that is new, or is to be called so, in the palette of its kind.</summary>
    private const string Name = "name";

    public static IEnumerable<string> Of(Command typed, CommandDefinition definition, FarmSnapshot farm)
    {
        foreach (var (given, value) in typed.Arguments)
        {
            var argument = definition
                .Arguments.FirstOrDefault(a => a.Name == given || a.Switch.Contains(given, StringComparer.Ordinal))
                ?.Name;
            var words =
                s_devices.Contains(argument, StringComparer.Ordinal) || (argument, typed.Palette) == (Name, "device")
                    ? Device(value, farm)
                : s_vDisks.Contains(argument, StringComparer.Ordinal) || (argument, typed.Palette) == (Name, "vdisk")
                    ? VDisk(value, farm)
                : [];
            foreach (var word in words)
                yield return word;
        }
    }

    public static IReadOnlyList<string> Device(string word, FarmSnapshot farm) =>
        farm.Device(word) is { } known
            ? Words(HistoryRow.Device(word), HistoryRow.Device(known.Name), HistoryRow.Device($"{known.Id}"))
            : Words(HistoryRow.Device(word));

    public static IReadOnlyList<string> VDisk(string word, FarmSnapshot farm) =>
        farm.VDisk(word) is { } known
            ? Words(HistoryRow.VDisk(word), HistoryRow.VDisk(known.Name), HistoryRow.VDisk($"{known.Id}"))
            : Words(HistoryRow.VDisk(word));

    private static IReadOnlyList<string> Words(params string?[] words) =>
        [.. words.OfType<string>().Distinct(StringComparer.Ordinal)];
}
