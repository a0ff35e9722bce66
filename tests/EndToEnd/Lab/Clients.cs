using System.Text.RegularExpressions;
using Hatchery.Testing;

namespace EndToEnd;

/// <summary>Debian's programs on the lab's network.</summary>
internal static partial class Clients
{
    /// <summary>The address that udhcpc gets on eth0.</summary>
    public static async Task<string> LeaseAsync(NetNamespace client)
    {
        var script = SourceTree.PathOf("deploy", "client", "udhcpc.sh");
        await client.IpAsync("link", "set", "eth0", "up");
        await client.IpAsync("addr", "flush", "dev", "eth0");
        string[] once = ["udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "10", "-T", "1", "-s", script];
        var result = await client.ExecAsync("busybox", once);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        var match = Obtained().Match(result.Output + result.Errors);
        Assert.True(match.Success, result.Output + result.Errors);
        return match.Groups[1].Value;
    }

    /// <summary>Runs a program that has to succeed beside the server. Returns its output.</summary>
    public static async Task<string> RunAsync(BootLab lab, string tool, params string[] arguments)
    {
        var result = await lab.Inside.ExecAsync(tool, arguments);
        Assert.True(result.ExitCode == 0, $"{tool}: {result.ExitCode}\n{result.Output}{result.Errors}");
        return result.Output;
    }

    [GeneratedRegex(@"lease of (\S+) obtained", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Obtained();
}
