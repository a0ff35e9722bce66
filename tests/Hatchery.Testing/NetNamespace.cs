using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Testing;

/// <summary>A network namespace for one test, gone with it. Sockets stay in the namespace of the thread that made them, so a
/// server of this process binds inside when its sockets are made by <see cref="Run{T}"/>.</summary>
public sealed class NetNamespace : IAsyncDisposable
{
    private const int CloneNewNet = 0x40000000;
    private static int s_count;
    private static int s_bridges;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _inside;

    private NetNamespace(string name)
    {
        Name = name;
        _inside = new Thread(Loop) { IsBackground = true, Name = name };
    }

    public string Name { get; }

    /// <summary>An empty namespace with its loopback up.</summary>
    public static async Task<NetNamespace> CreateAsync()
    {
        var made = new NetNamespace($"hatchery-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}");
        await RunIpAsync("netns", "add", made.Name);
        made._inside.Start();
        await made.IpAsync("link", "set", "lo", "up");
        return made;
    }

    /// <summary>Runs <c>ip</c> on the inside: <c>IpAsync("addr", "add", "10.0.0.1/24", "dev", "eth0")</c>.</summary>
    public Task IpAsync(params string[] arguments) => RunIpAsync(["-n", Name, .. arguments]);

    /// <summary>A pair of virtual interfaces, one end here, one end there, both up.</summary>
    public async Task ConnectAsync(string here, NetNamespace peer, string there)
    {
        await IpAsync("link", "add", here, "type", "veth", "peer", "name", there, "netns", peer.Name);
        await IpAsync("link", "set", here, "up");
        await peer.IpAsync("link", "set", there, "up");
    }

    /// <summary>A bridge without spanning tree, so that ports forward at once.</summary>
    /// <remarks>Its hardware address is its own: else each new port may change it, and neighbours reach it half a minute later.
    /// A port of its own, at whose other end nobody answers, is always up: such a bridge without one has no carrier, and so no IPv6 address.</remarks>
    public async Task AddBridgeAsync(string name)
    {
        var number = Interlocked.Increment(ref s_bridges);
        await IpAsync(
            "link",
            "add",
            name,
            "address",
            $"02:00:00:00:{number >> 8 & 0xff:x2}:{number & 0xff:x2}",
            "type",
            "bridge",
            "stp_state",
            "0",
            "forward_delay",
            "0",
            "mcast_snooping",
            "0"
        );
        var (port, end) = ($"{name}-port", $"{name}-end");
        await IpAsync("link", "add", port, "type", "veth", "peer", "name", end);
        await IpAsync("link", "set", end, "addrgenmode", "none", "arp", "off", "up");
        await IpAsync("link", "set", port, "master", name, "addrgenmode", "none", "up");
        await IpAsync("link", "set", name, "up");
    }

    /// <summary>A tap for a virtual machine, as a port of the bridge.</summary>
    public async Task AddTapAsync(string name, string bridge)
    {
        await IpAsync("tuntap", "add", "dev", name, "mode", "tap");
        await IpAsync("link", "set", name, "master", bridge, "up");
    }

    /// <summary>The command line of a program that is to run inside.</summary>
    public IReadOnlyList<string> Command(string tool, params string[] arguments) =>
        ["netns", "exec", Name, tool, .. arguments];

    public Task<ToolResult> ExecAsync(string tool, params string[] arguments) =>
        Tool.RunAsync("ip", Command(tool, arguments));

    /// <summary>Runs code on this namespace's own thread and waits for it. Only to make sockets and to look at interfaces:
    /// work that it queued could bring a thread of the pool into the namespace for good.</summary>
    public T Run<T>(Func<T> code)
    {
        using var done = new ManualResetEventSlim();
        var (result, failure) = (default(T), default(ExceptionDispatchInfo));
        _work.Add(() =>
        {
            try
            {
                result = code();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            done.Set();
        });
        done.Wait();
        failure?.Throw();
        return result!;
    }

    public async ValueTask DisposeAsync()
    {
        _work.CompleteAdding();
        _inside.Join();
        _work.Dispose();
        await RunIpAsync("netns", "del", Name);
    }

    private void Loop()
    {
        using (var handle = File.OpenHandle($"/run/netns/{Name}"))
        {
            if (setns(handle, CloneNewNet) != 0)
                throw new Win32Exception();
        }
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }

    private static async Task RunIpAsync(params string[] arguments)
    {
        var result = await Tool.RunAsync("ip", arguments);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {result.Errors}");
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int setns(SafeFileHandle fd, int kind);
}
