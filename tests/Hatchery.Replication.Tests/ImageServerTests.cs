using System.Net.Sockets;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Replication.Tests;

/// <summary>What becomes of those who are no server of the farm.</summary>
public sealed class ImageServerTests
{
    private static readonly ReplicationHello s_stranger = new(ReplicationHello.CurrentVersion, Node.Farm, "stranger");

    [Fact]
    public async Task Garbage_is_refused_with_one_line()
    {
        var garbage = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
        await RefusedAsync(garbage, "what it says is no greeting of a Hatchery server");
    }

    [Fact]
    public async Task A_frame_longer_than_any_request_is_refused_before_it_is_read() =>
        await RefusedAsync([0x7f, 0xff, 0xff, 0xff, 1], "no greeting");

    [Fact]
    public async Task Another_farm_is_refused() =>
        await RefusedAsync(Frame(s_stranger with { Farm = new(Guid.AllBitsSet) }), "it is of farm ffff");

    [Fact]
    public async Task Another_version_is_refused() =>
        await RefusedAsync(Frame(s_stranger with { Version = 99 }), "version 99 of the replication protocol");

    [Fact]
    public async Task A_server_of_the_same_name_is_refused() =>
        await RefusedAsync(Frame(s_stranger with { Server = "a" }), "it is called a, as this server is");

    [Fact]
    public async Task What_is_no_request_ends_the_connection() =>
        await RefusedAsync(
            [.. Frame(s_stranger), 0, 0, 0, 2, (byte)FrameKind.Read, 1, 2],
            "what it asks is no request"
        );

    [Fact]
    public async Task Who_says_nothing_is_given_up()
    {
        var time = new ManualTime();
        await using var node = new Node("a", new FarmView(), new(), time);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", node.Server.EndPoint.Port);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return node.Log.With("it did not say who it is within 5 s").Count == 1;
        });
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task More_connections_than_there_are_places_for_are_turned_away()
    {
        await using var node = new Node("a", new FarmView(), new() { ConnectionsPerAddressMax = 1 });
        var greeting = Frame(s_stranger);
        using var first = new TcpClient();
        await first.ConnectAsync("127.0.0.1", node.Server.EndPoint.Port);
        await first.GetStream().WriteAsync(greeting);
        await first.GetStream().ReadExactlyAsync(new byte[FrameHeader.Bytes]);
        using var second = new TcpClient();
        await second.ConnectAsync("127.0.0.1", node.Server.EndPoint.Port);
        Assert.Equal(0, await second.GetStream().ReadAsync(new byte[1]));
        Assert.Equal((1, 1), ((int)node.Server.Use.Open, (int)node.Server.Use.Refused));
        Assert.Single(node.Log.With("1 from this address are open already"));
    }

    /// <summary>Sends bytes, sees them refused with one line in the log, and that others are served as before.</summary>
    private static async Task RefusedAsync(byte[] bytes, string reason)
    {
        await using var node = new Node("a", new FarmView());
        await using var other = new Node("b", node.View).Knows(node.AsPeer);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync("127.0.0.1", node.Server.EndPoint.Port);
            await client.GetStream().WriteAsync(bytes);
            await Eventually.TrueAsync(() => node.Log.With("refused 127.0.0.1").Count > 0);
        }
        Assert.Contains(reason, Assert.Single(node.Log.With("refused")), StringComparison.Ordinal);
        var asked = await other.Replicator.StatusAsync(new LayerId(Guid.AllBitsSet));
        Assert.Equal(ReplicaState.Missing, asked[1].State);
    }

    private static byte[] Frame(ReplicationHello hello)
    {
        var payload = hello.ToBytes();
        var head = new byte[FrameHeader.Bytes];
        new FrameHeader(FrameKind.Hello, payload.Length).Write(head);
        return [.. head, .. payload];
    }
}
