using System.Text.RegularExpressions;
using Hatchery.Testing;

namespace Drill;

/// <summary>What a boot script says of the machine's disk.</summary>
/// <param name="Servers">ADDRESS:PORT with commas: those that take the boot, then those that may have it later.</param>
/// <param name="Target">The IQN or the export, with its nonce.</param>
internal sealed partial record BootScript(string Servers, string Target)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public static async Task<BootScript> FetchAsync(FarmLab farm, string at, int number)
    {
        var url = $"http://{FarmLab.AddressOf(at)}:8069/boot/{BootLab.Mac(number).Replace(':', '-')}";
        string[] command = ["--silent", "--show-error", "--fail", "--max-time", "10", url];
        var root = Match.Empty;
        var script = "";
        // This server may hear of the device a moment after the one that was told of it.
        await Eventually.TrueAsync(
            async () => (root = Root().Match(script = (await farm.ClientAsync("curl", command)).Output)).Success,
            s_limit
        );
        var others = Others().Match(script);
        return new(root.Groups[1].Value + (others.Success ? "," + others.Groups[1].Value : ""), root.Groups[2].Value);
    }

    [GeneratedRegex(@"hatchery\.root=(?:nbd|iscsi):([^/ ]+)/(\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Root();

    [GeneratedRegex(@"hatchery\.others=(\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Others();
}
