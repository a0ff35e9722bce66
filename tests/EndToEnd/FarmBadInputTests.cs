using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>What must not get into a farm is refused with a line that says what to do, and the farm goes on.</summary>
[Trait("Tier", "vm")]
public sealed class FarmBadInputTests(ITestOutputHelper output)
{
    private const int RemotingPort = 4053;
    private const string CheckHosts = "\nakka.remote.dot-netty.tcp.ssl.validate-certificate-hostname = on";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);
    private static readonly string[] s_two = ["alpha", "beta"];

    [Trait("Tier", "full")]
    [PostgreSqlNamespaceFact]
    public async Task Garbage_another_farm_and_a_wrong_clock_do_no_harm()
    {
        await using var farm = await FarmLab.StartAsync(output, FarmLab.Patient, servers: 2);
        await farm.UntilMembersAsync(s_two);
        await farm.Servers["alpha"].PbmAsync("device", "add", BootLab.MachineName(1), BootLab.Mac(1));

        // Each is answered with the end of its connection, and a line.
        foreach (var (bytes, line) in BadFrames())
        {
            // Lines that others can bring about come once a second, so one may be left out.
            await Eventually.TrueAsync(
                () =>
                {
                    Send(farm, "alpha", bytes);
                    return LinesOf(farm, "alpha", line) > 0;
                },
                s_limit
            );
        }
        var flood = LinesOf(farm, "alpha", "refused");
        for (var i = 0; i < 500; i++)
            Send(farm, "alpha", RandomNumberGenerator.GetBytes(100), wait: false);
        await UnharmedAsync(farm);
        Assert.InRange(LinesOf(farm, "alpha", "refused") - flood, 0, 100);

        // A server of another farm that has this one's seed nodes.
        var stranger = await farm.AddServerAsync("gamma", $"hatchery.database.postgresql = \"{farm.NewDatabase()}\"");
        await stranger.StartWithoutWaitingAsync();
        Assert.Equal(1, await stranger.Process.WaitForExitAsync(s_limit));
        Assert.Single(
            stranger.Process.Output.Lines,
            l =>
                l.StartsWith("hatchery: the server at ", StringComparison.Ordinal)
                && l.Contains(
                    "is one of another farm, which has another database: give this server",
                    StringComparison.Ordinal
                )
        );
        foreach (var server in s_two)
            Assert.Equal(
                1,
                LinesOf(farm, server, $"{FarmLab.AddressOf("gamma")}:{RemotingPort} belongs to another farm")
            );
        await UnharmedAsync(farm);

        // Hosts whose clocks are wrong are let in, as the farm goes by the database's, and say so.
        foreach (
            var (name, offset, direction) in new[] { ("delta", "+10m", "ahead of"), ("epsilon", "-10m", "behind") }
        )
        {
            var late = await farm.AddServerAsync(name, environment: FakeTime(offset));
            await late.StartAsync();
            var said = await late.Process.Output.WaitForAsync($" s {direction} the farm database's", s_limit);
            Assert.Contains("see to its time service", said, StringComparison.Ordinal);
            await late.PbmAsync("device", "set", BootLab.MachineName(1), "--arguments", $"at={name}");
            await late.KillAsync();
        }
        await UnharmedAsync(farm);

        // A database of a later version than this server knows.
        await farm.QueryAsync("update schema_version set version = version + 1 where part = 'farm'");
        var older = await farm.AddServerAsync("zeta");
        await older.StartWithoutWaitingAsync();
        Assert.Equal(1, await older.Process.WaitForExitAsync(s_limit));
        var refused = Assert.Single(
            older.Process.Output.Lines,
            l => l.StartsWith("hatchery: ", StringComparison.Ordinal)
        );
        Assert.Contains("cannot be used", refused, StringComparison.Ordinal);
        Assert.Contains("version", refused, StringComparison.Ordinal);
        await UnharmedAsync(farm);
    }

    [Trait("Tier", "full")]
    [PostgreSqlNamespaceFact]
    public async Task Certificates_that_are_over_or_of_another_host_are_refused_on_both_sides()
    {
        await using var farm = await FarmLab.StartTwoAsync(output, FarmLab.Patient + CheckHosts);
        await farm.UntilMembersAsync(s_two);
        await farm.Servers["alpha"].PbmAsync("device", "add", BootLab.MachineName(1), BootLab.Mac(1));

        var over = await farm.AddServerAsync("gamma", c => c.Issue("gamma", FarmLab.AddressOf("gamma"), isOver: true));
        await RefusedAsync(farm, over, "gamma", "certificate is not trusted here");
        var other = await farm.AddServerAsync("delta", c => c.Issue("delta", FarmLab.AddressOf("eta")));
        await RefusedAsync(farm, other, "delta", "the peer's certificate does not name its host");
    }

    private static async Task RefusedAsync(FarmLab farm, ServerProcess server, string name, string line)
    {
        await server.StartWithoutWaitingAsync();
        Assert.Equal(1, await server.Process.WaitForExitAsync(s_limit));
        Assert.Single(
            server.Process.Output.Lines,
            l => l.StartsWith("hatchery: no server of the farm let this one in", StringComparison.Ordinal)
        );
        Assert.Contains(
            s_two.SelectMany(s => farm.Servers[s].Process.Output.Lines),
            l =>
                l.Contains(FarmLab.AddressOf(name), StringComparison.Ordinal)
                && l.Contains(line, StringComparison.Ordinal)
        );
        await UnharmedAsync(farm);
    }

    private static async Task UnharmedAsync(FarmLab farm)
    {
        await farm.UntilMembersAsync(s_two);
        foreach (var server in s_two)
            await farm.Servers[server].PbmAsync("device", "set", BootLab.MachineName(1), "--arguments", $"at={server}");
        Assert.DoesNotContain(
            s_two.SelectMany(s => farm.Servers[s].Process.Output.Lines),
            l => l.Contains("out of the cluster", StringComparison.Ordinal)
        );
    }

    private static int LinesOf(FarmLab farm, string server, string text) =>
        farm.Servers[server].Process.Output.Lines.Count(l => l.Contains(text, StringComparison.Ordinal));

    /// <summary>First words that no server says, and what is said of them.</summary>
    private static IEnumerable<(byte[] Bytes, string Line)> BadFrames()
    {
        var tooLong = new byte[64];
        BinaryPrimitives.WriteInt32BigEndian(tooLong, int.MaxValue);
        yield return (tooLong, "a frame of 2147483647 bytes, where 4096 may be: not this protocol");
        yield return (
            "GET / HTTP/1.1\r\nHost: alpha\r\n\r\n"u8.ToArray(),
            "a frame of 1195725856 bytes, where 4096 may be: not this protocol"
        );
        // A greeting (type 1) of this protocol's magic number, and version 9.
        byte[] later = [0, 0, 0, 6, 1, (byte)'H', (byte)'A', (byte)'K', (byte)'R', 9];
        yield return (later, "version 9 of the protocol, and akka.tcp://hatchery@");
        byte[] nonsense = [0, 0, 0, 6, 77, 1, 2, 3, 4, 5];
        yield return (nonsense, "what it sent is not this protocol");
    }

    /// <summary>Says this to a server's remoting port, and waits for the end of the connection.</summary>
    private static void Send(FarmLab farm, string server, byte[] bytes, bool wait = true)
    {
        using var socket = farm.Network.Inside.Run(() =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            made.Connect(FarmLab.AddressOf(server), RemotingPort);
            return made;
        });
        socket.ReceiveTimeout = (int)s_limit.TotalMilliseconds;
        try
        {
            socket.Send(bytes);
            var answer = new byte[4096];
            while (wait && socket.Receive(answer) > 0) { }
        }
        catch (SocketException)
        {
            // It was cut off while it spoke.
        }
    }

    private static Dictionary<string, string> FakeTime(string offset) =>
        new(StringComparer.Ordinal)
        {
            ["LD_PRELOAD"] = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
            ["FAKETIME"] = offset,
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        };
}
