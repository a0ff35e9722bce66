using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;

namespace Hatchery.Client.Tests;

/// <summary>hatchery-root's relay as a process, at a port of the loopback.</summary>
internal sealed class Relay : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly WatchedProcess _process;

    private Relay(WatchedProcess process, IPEndPoint portal) => (_process, Portal) = (process, portal);

    public IPEndPoint Portal { get; }

    public ProcessOutput Output => _process.Output;

    /// <param name="inside">The machine that it runs on; null: this one.</param>
    public static async Task<Relay> StartAsync(NetNamespace? inside, params IEnumerable<IPEndPoint> servers)
    {
        var portal = inside is null ? Free() : new(IPAddress.Loopback, 3260);
        string[] command = [await NativeProgram.RootAsync(), "-f", "iscsi", $"{portal}", string.Join(',', servers)];
        var process = WatchedProcess.Start("relay", inside, command, null, "ERROR: AddressSanitizer", "runtime error:");
        await process.Output.WaitForAsync("leads to", Limit);
        return new(process, portal);
    }

    /// <summary>Waits until it has led a connection to this server, for the n-th time.</summary>
    public Task LedToAsync(IPEndPoint server, int occurrence = 1) =>
        Output.WaitForAsync($"iSCSI by {server} after", Limit, occurrence);

    /// <summary>An address of the loopback where nothing listens.</summary>
    public static IPEndPoint Free()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        return (IPEndPoint)taken.LocalEndpoint;
    }

    public async ValueTask DisposeAsync()
    {
        var whole = !_process.HasExited;
        await _process.DisposeAsync();
        Assert.True(whole, _process.Output.Transcript());
        Assert.DoesNotContain(
            Output.Lines,
            line =>
                line.Contains("Sanitizer", StringComparison.Ordinal)
                || line.Contains("runtime error", StringComparison.Ordinal)
        );
    }
}
