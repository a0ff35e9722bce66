using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Testing;

namespace EndToEnd;

internal sealed partial class FarmLab
{
    private const int FurtherDevicesMax = 16;

    // Beyond those that tests number themselves.
    private int _furtherDevice = 100;

    /// <summary>An operator at that server. The caller ends it.</summary>
    public FarmOperator OperatorAt(string name) => new(Insides[name]);

    /// <summary>
    /// Names of the devices whose keepers run at a server. All are woken before: one whose shard has moved sleeps until it is asked. Which server
    /// has which shard is chance, so devices are added until one is there; empty when that does not help, as at a server that has no shards yet.
    /// </summary>
    public async Task<string[]> KeepersAtAsync(string name)
    {
        await using var operators = OperatorAt(name);
        string[] keepers = [];
        for (var more = 1; keepers.Length == 0 && more <= FurtherDevicesMax; more++)
        {
            if (more > 1)
                await operators.TryAsync(
                    "device",
                    "add",
                    BootLab.MachineName(++_furtherDevice),
                    BootLab.Mac(_furtherDevice)
                );
            keepers = await KeepersAtAsync(name, operators);
        }
        return keepers;
    }

    /// <summary>The server where a machine's keeper runs.</summary>
    public async Task<string> KeeperOfAsync(int number)
    {
        var found = "";
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var name in Servers.Keys)
                {
                    await using var operators = OperatorAt(name);
                    if ((await KeepersAtAsync(name, operators)).Contains(BootLab.MachineName(number)))
                        found = name;
                }
                return found.Length > 0;
            },
            s_limit
        );
        return found;
    }

    private async Task<string[]> KeepersAtAsync(string name, FarmOperator operators)
    {
        var server = Servers[name];
        var names = (await server.PbmJsonAsync("device", "list"))
            .EnumerateArray()
            .ToDictionary(d => d.GetProperty("id").GetString()!, d => d.GetProperty("name").GetString()!);
        await Task.WhenAll(names.Values.Select(n => operators.TryAsync("device", "set", n, "--arguments", "awake")));
        var hierarchy = await server.PbmAsync("actor", "hierarchy", "-s", "/system/sharding/device", "-d", "4");
        return [.. names.Where(n => hierarchy.Contains(n.Key, StringComparison.Ordinal)).Select(n => n.Value)];
    }

    /// <summary>Whether the devices' coordinator, with the farm's other singletons, is at a server.</summary>
    public async Task<bool> HasCoordinatorAsync(string name) =>
        (
            await Servers[name].PbmAsync("actor", "hierarchy", "-s", "/system/sharding/deviceCoordinator", "-d", "2")
        ).Contains("singleton", StringComparison.Ordinal);

    /// <summary>How many of the devices' shards have a home, as that server is told.</summary>
    public async Task<int> ShardHomesAsync(string name) =>
        Shards()
            .Matches((await Servers[name].TryPbmAsync("cluster-sharding", "region-stats", "-r", "device")).Output)
            .Sum(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"shards: (\d+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Shards();
}
