using System.Collections.Frozen;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>
/// Commands that only read. Every other one is recorded, so that a new one that changes something is without a word about it; a dry run never is.
/// </summary>
internal static class ReadingCommands
{
    private const string DryRun = "dry-run";
    private const string Action = "action";

    private static readonly FrozenSet<string> s_always = new[]
    {
        "boot leases",
        "boot stats",
        "boot watch",
        "cluster leader",
        "cluster show",
        "cluster status",
        "cluster tail",
        "cluster-sharding list-regions",
        "cluster-sharding region-stats",
        "collection list",
        "collection show",
        "device list",
        "device show",
        "farm history",
        "farm status",
        "server list",
        "server show",
        "site list",
        "site show",
        "store show",
        "unknown list",
        "unknown seen",
        "unknown test",
        "vdisk list",
        "vdisk replicas",
        "vdisk show",
        "vdisk transfers",
        "vdisk verify",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Commands with several actions, and those of them that only read.</summary>
    private static readonly FrozenDictionary<string, string[]> s_actions = new Dictionary<string, string[]>(
        StringComparer.Ordinal
    )
    {
        ["collection personality"] = ["get", "list"],
        ["device personality"] = ["get", "list"],
        ["device secret"] = ["list"],
        ["vdisk version"] = ["list", "canary"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Commands that only read unless this is given.</summary>
    private static readonly FrozenDictionary<string, string> s_unless = new Dictionary<string, string>(
        StringComparer.Ordinal
    )
    {
        ["vdisk check"] = "repair",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool AlwaysReads(string palette, string command) => s_always.Contains($"{palette} {command}");

    /// <summary>Every command that is told of here, as palette and name.</summary>
    public static IEnumerable<string> All => s_always.Concat(s_actions.Keys).Concat(s_unless.Keys);

    /// <param name="values">Of an argument, by its name; none of one that the command does not have.</param>
    public static bool OnlyReads(Command typed, Func<string, IReadOnlyList<string>> values)
    {
        var command = $"{typed.Palette} {typed.Name}";
        return s_always.Contains(command)
            || values(DryRun).Count > 0
            || (s_actions.TryGetValue(command, out var reading) && values(Action).All(reading.Contains))
            || (s_unless.TryGetValue(command, out var changing) && values(changing).Count == 0);
    }
}
