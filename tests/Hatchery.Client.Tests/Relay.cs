using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;

namespace Hatchery.Client.Tests;

/// <summary>hatchery-root as a process: its portal of iSCSI at a port of the loopback, or its NBD device with the test for a kernel.</summary>
internal sealed class Relay : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly WatchedProcess _process;
    private readonly string _device;

    private Relay(WatchedProcess process, EndPoint portal, string device) =>
        (_process, Portal, _device) = (process, portal, device);

    public EndPoint Portal { get; }

    public ProcessOutput Output => _process.Output;

    /// <param name="inside">The machine that it runs on; null: this one.</param>
    public static async Task<Relay> StartAsync(NetNamespace? inside, params IEnumerable<IPEndPoint> servers)
    {
        var portal = inside is null ? Free() : new(IPAddress.Loopback, 3260);
        string[] command = [await NativeProgram.RootAsync(), "-f", "iscsi", $"{portal}", string.Join(',', servers)];
        var process = Start(inside, command, null);
        await process.Output.WaitForAsync("leads to", Limit);
        return new(process, portal, "iSCSI");
    }

    /// <param name="folder">Where the socket is to be that stands for the kernel's device.</param>
    public static async Task<Relay> StartNbdAsync(
        NetNamespace? inside,
        TempFolder folder,
        params IEnumerable<IPEndPoint> servers
    )
    {
        var kernel = folder[Path.GetRandomFileName()];
        string[] command = [await NativeProgram.NbdRootAsync(), "-f", "nbd", "0", "disk", string.Join(',', servers)];
        var process = Start(inside, command, new(StringComparer.Ordinal) { ["NBD_KERNEL"] = kernel });
        await process.Output.WaitForAsync("the kernel is at", Limit);
        return new(process, new UnixDomainSocketEndPoint(kernel), "nbd0");
    }

    /// <summary>Waits until it has led to this server, for the n-th time.</summary>
    public Task LedToAsync(IPEndPoint server, int occurrence = 1) =>
        Output.WaitForAsync($"{_device} by {server} after", Limit, occurrence);

    /// <summary>Waits until it has ended by itself. Returns its exit code.</summary>
    public Task<int> EndedAsync() => _process.WaitForExitAsync(Limit);

    /// <summary>An address of the loopback where nothing listens.</summary>
    public static IPEndPoint Free()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        return (IPEndPoint)taken.LocalEndpoint;
    }

    public async ValueTask DisposeAsync()
    {
        var isWhole = !_process.HasExited || await EndedAsync() == 0;
        await _process.DisposeAsync();
        Assert.True(isWhole, _process.Output.Transcript());
        Assert.DoesNotContain(
            Output.Lines,
            line =>
                line.Contains("Sanitizer", StringComparison.Ordinal)
                || line.Contains("runtime error", StringComparison.Ordinal)
        );
    }

    private static WatchedProcess Start(
        NetNamespace? inside,
        string[] command,
        Dictionary<string, string>? environment
    ) => WatchedProcess.Start("relay", inside, command, environment, "ERROR: AddressSanitizer", "runtime error:");
}
