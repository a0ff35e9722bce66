using Hatchery.Testing;

namespace EndToEnd;

/// <summary>Takes links of a host away, by nftables in its namespace: what comes from these addresses is dropped without a word.</summary>
internal static class Firewall
{
    private const string Table = "inet hatchery-fault";

    /// <summary>From now on nothing of these reaches the host, in this direction only.</summary>
    public static async Task DropFromAsync(NetNamespace host, params IEnumerable<string> addresses)
    {
        string[] from = [.. addresses];
        if (from.Length == 0)
            return;
        var rules = $"ip saddr {{ {string.Join(", ", from)} }} drop";
        await NftAsync(
            host,
            $"add table {Table}; add chain {Table} in {{ type filter hook input priority 0; }}; add rule {Table} in {rules}"
        );
    }

    /// <summary>From now on nothing reaches the host or leaves it, but what it says to itself.</summary>
    public static Task CutOffAsync(NetNamespace host)
    {
        string[] ways = ["in", "out"];
        var chains = ways.Select(w =>
            $"add chain {Table} {w} {{ type filter hook {w}put priority 0; policy drop; }}; "
            + $"add rule {Table} {w} {(w == "in" ? "iif" : "oif")} lo accept"
        );
        return NftAsync(host, $"add table {Table}; {string.Join("; ", chains)}");
    }

    /// <summary>The host's connections from these ports are reset as soon as it says something on them.</summary>
    public static Task ResetAsync(NetNamespace host, IEnumerable<string> ports) =>
        NftAsync(
            host,
            $"add table {Table}; add chain {Table} out {{ type filter hook output priority 0; }}; "
                + $"add rule {Table} out tcp sport {{ {string.Join(", ", ports)} }} reject with tcp reset"
        );

    /// <summary>The links of the host are whole again.</summary>
    public static Task HealAsync(NetNamespace host) => NftAsync(host, $"add table {Table}; delete table {Table}");

    private static async Task NftAsync(NetNamespace host, string commands)
    {
        var result = await host.ExecAsync("nft", commands);
        Assert.True(result.ExitCode == 0, result.Errors);
    }
}
