using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;
using Hatchery.Wire.Nbd;

namespace Hatchery.Streaming.Tests;

/// <summary>Many who want nothing, and one who wants to be served.</summary>
public sealed class CrowdTests : IAsyncDisposable
{
    private readonly List<Socket> _crowd = [];

    public ValueTask DisposeAsync()
    {
        foreach (var socket in _crowd)
            socket.Dispose();
        return ValueTask.CompletedTask;
    }

    [ToolFact("nbdinfo", "iscsi-inq")]
    public async Task Five_thousand_idle_connections_from_one_address_leave_room_for_everybody_else()
    {
        await using var rig = await Rig.StartAsync(time: new ManualTime());
        rig.Gate.Add("pc07", new MemoryDisk(1 << 20));
        foreach (var listener in (StreamListener[])[rig.Nbd, rig.Iscsi])
        {
            await CrowdAsync(listener, 5_000, _ => IPAddress.Parse("127.0.0.2"));
            await Eventually.TrueAsync(() => listener.Use.Refused == 5_000 - 64);
            Assert.Equal(64, listener.Use.Open);
        }
        await AssertServedAsync(rig);
    }

    [ToolFact("nbdinfo", "iscsi-inq")]
    public async Task Idle_connections_from_everywhere_give_way_to_whoever_logs_in()
    {
        await using var rig = await Rig.StartAsync(new() { MaxConnections = 200 }, new ManualTime());
        rig.Gate.Add("pc07", new MemoryDisk(1 << 20));
        foreach (var listener in (StreamListener[])[rig.Nbd, rig.Iscsi])
        {
            await CrowdAsync(listener, 1_000, i => new([127, 0, (byte)(1 + (i / 200)), (byte)(1 + (i % 200))]));
            await Eventually.TrueAsync(() => listener.Use.Evicted == 800);
            Assert.Equal((200, 0), (listener.Use.Open, listener.Use.Refused));
        }
        await AssertServedAsync(rig);
    }

    [Fact]
    public async Task Those_that_are_logged_in_never_give_way()
    {
        await using var rig = await Rig.StartAsync(new() { MaxConnections = 2 });
        rig.Gate.Add("pc07", new MemoryDisk(1 << 20));
        using var first = await Nbd.NbdTestClient.ConnectAsync(rig, "pc07");
        using var second = await Nbd.NbdTestClient.ConnectAsync(rig, "pc07");
        await CrowdAsync(rig.Nbd, 10, _ => IPAddress.Parse("127.0.0.2"));
        await Eventually.TrueAsync(() => rig.Nbd.Use.Refused == 10);
        Assert.Equal((2, 0), (rig.Nbd.Use.Open, rig.Nbd.Use.Evicted));
        Assert.Equal(2, rig.Gate.OpenSessions);
    }

    [Fact]
    public async Task Peers_that_take_nothing_of_what_they_ask_for_hold_a_bounded_share_and_others_are_served()
    {
        const int ReadBytes = 512 << 10;
        var budget = new ByteBudget(4 << 20);
        await using var rig = await Rig.StartAsync(budget: budget);
        rig.Gate.Add("pc07", new MemoryDisk(1 << 20));
        var deaf = new List<Nbd.NbdTestClient>();
        for (var i = 0; i < 8; i++)
        {
            deaf.Add(await Nbd.NbdTestClient.ConnectAsync(rig, "pc07"));
            for (ulong cookie = 0; cookie < 64; cookie++)
                await deaf[i].RequestAsync(NbdCommand.Read, cookie, 0, ReadBytes);
        }
        await Eventually.TrueAsync(() => budget.Use.Refused > 0);
        // Each may exceed it by one request, and what is not worth telling.
        Assert.InRange(budget.Use.Open, 1 << 20, (4 << 20) + (deaf.Count * (ReadBytes + (2 * ByteBudget.ShareBytes))));

        using var other = await Nbd.NbdTestClient.ConnectAsync(rig, "pc07");
        for (ulong cookie = 0; cookie < 20; cookie++)
        {
            await other.RequestAsync(NbdCommand.Read, cookie, 0, 64 << 10);
            Assert.Equal(cookie, (await other.ReplyAsync()).Cookie);
            await other.ReadBytesAsync(64 << 10);
        }
        deaf.ForEach(d => d.Dispose());
        await Eventually.TrueAsync(() => budget.Use.Open == 0);
    }

    private static async Task AssertServedAsync(Rig rig)
    {
        var nbd = await Tool.RunAsync("nbdinfo", ["--size", rig.NbdUri("pc07")]);
        Assert.Equal("1048576", nbd.Output.Trim());
        var iscsi = await Tool.RunAsync("iscsi-inq", [rig.IscsiUri("pc07")]);
        Assert.True(iscsi.ExitCode == 0, iscsi.Errors);
    }

    private async Task CrowdAsync(StreamListener listener, int count, Func<int, IPAddress> from)
    {
        var first = listener.Use;
        var before = first.Open + first.Refused + first.Evicted;
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _crowd.Add(socket);
            socket.Bind(new IPEndPoint(from(i), 0));
            try
            {
                await socket.ConnectAsync(listener.BoundEndPoint!);
            }
            catch (SocketException)
            {
                // Turned away before it knew that it was connected.
            }
            // No more may wait to be accepted than the kernel keeps for a server that is slow.
            if (i % 100 == 99)
                await Eventually.TrueAsync(() =>
                    listener.Use is var use && use.Open + use.Refused + use.Evicted - before > i
                );
        }
    }
}
