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

    /// <summary>The links of the host are whole again.</summary>
    public static Task HealAsync(NetNamespace host) => NftAsync(host, $"add table {Table}; delete table {Table}");

    private static async Task NftAsync(NetNamespace host, string commands)
    {
        var result = await host.ExecAsync("nft", commands);
        Assert.True(result.ExitCode == 0, result.Errors);
    }
}
