using System.Globalization;
using Hatchery.Testing;

namespace EndToEnd;

/// <summary>
/// Everything that keeps a machine busy: a loop without end for each of its processors, and on the farm's network a client that asks for
/// an address and fetches its boot program and script, and one that writes and reads its disk, each over and over.
/// </summary>
internal sealed class FullLoad : IAsyncDisposable
{
    /// <summary>What a server's configuration needs besides for this.</summary>
    public const string Settings = """
        hatchery.boot { interfaces = ["eth0"], dhcp.subnets = [{ network = "10.77.0.0/24", first = "10.77.0.100", last = "10.77.0.200" }] }
        """;

    private readonly List<WatchedProcess> _running = [];

    private FullLoad() { }

    /// <summary>How often each of the clients has done its work so far.</summary>
    public string Done =>
        string.Join(
            ", ",
            _running.Where(r => r.Output.Lines.Count > 0).Select(r => r.Output.Lines[^1]).Order(StringComparer.Ordinal)
        );

    /// <param name="device">The number of a device that has a vDisk and is served by NBD.</param>
    public static async Task<FullLoad> StartAsync(FarmLab farm, int device)
    {
        var load = new FullLoad();
        for (var i = 0; i < Environment.ProcessorCount; i++)
            load._running.Add(WatchedProcess.Start("loop", null, ["sh", "-c", "while :; do :; done"]));
        var machine = await farm.Network.PlugInAsync();
        await machine.IpAsync("link", "set", "eth0", "up");
        await machine.IpAsync("addr", "add", "10.77.0.250/24", "dev", "eth0");
        load.Repeat(machine, "addresses", "busybox udhcpc -i eth0 -f -q -n -t 5 -T 1 -s /bin/true");
        // Removes its file when it fails: never one that others need.
        var file = farm.Network.PathOf("fetched");
        load.Repeat(machine, "tftp", $"busybox tftp -g -r undionly.kpxe -l {file} {FarmLab.AddressOf("beta")}");
        var script = $"http://{FarmLab.AddressOf("gamma")}:8069/boot/{BootLab.Mac(device).Replace(':', '-')}";
        load.Repeat(machine, "scripts", $"curl --silent --fail --output /dev/null {script}");
        var (servers, export) = await farm.ScriptAsync("alpha", device);
        var disk = $"nbd://{FarmLab.AddressOf(servers[0])}/{export}";
        load.Repeat(
            machine,
            "disk",
            $"qemu-io -f raw -c 'write -P 7 0 4M' -c flush -c 'read -P 7 0 4M' -c 'write -P 8 0 4k' {disk}"
        );
        return load;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _running)
            await process.DisposeAsync();
    }

    private void Repeat(NetNamespace inside, string what, string command) =>
        _running.Add(
            WatchedProcess.Start(
                what,
                inside,
                [
                    "sh",
                    "-c",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"n=0; while :; do {command} >/dev/null 2>&1 && n=$((n+1)) && echo {what} $n; done"
                    ),
                ]
            )
        );
}
