using System.Net;
using System.Net.Sockets;
using System.Text;
using Hatchery.Testing;
using Petabridge.Cmd.Protocol;
using Petabridge.Cmd.Tests;

namespace Pbm.Tests;

public sealed class HostConnectionTests
{
    private readonly SamplePalette _palette = new();

    [Fact]
    public async Task Palettes_come_with_the_connection()
    {
        await using var node = await HostedNode.StartAsync(_palette);
        await using var connection = await OpenAsync(node);
        Assert.Equal(["actor", "sample"], connection.Palettes.Select(p => p.Name));
    }

    [Fact]
    public async Task Parts_of_an_answer_come_as_they_are_made()
    {
        await using var node = await HostedNode.StartAsync(_palette);
        await using var connection = await OpenAsync(node);
        var parts = new List<string>();
        var outcome = await connection.RunAsync(
            ["sample", "stream", "3"],
            part => parts.Add(part.Text),
            CancellationToken.None
        );
        Assert.Equal(AnswerPart.Done, outcome);
        Assert.Equal(["line 1", "line 2", "line 3", ""], parts);
    }

    [Fact]
    public async Task Cancelled_command_leaves_the_connection_to_the_next()
    {
        await using var node = await HostedNode.StartAsync(_palette);
        await using var connection = await OpenAsync(node);
        using var interrupt = new CancellationTokenSource();
        var hanging = connection.RunAsync(["sample", "hang"], _ => { }, interrupt.Token);
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 1);
        await interrupt.CancelAsync();
        Assert.Equal(AnswerPart.Done, await hanging);
        Assert.Equal(
            AnswerPart.Failed,
            await connection.RunAsync(["sample", "refuse"], _ => { }, CancellationToken.None)
        );
    }

    [Fact]
    public async Task Nobody_listening_is_one_line()
    {
        var unreachable = await Assert.ThrowsAsync<IOException>(() => HostConnection.OpenAsync("127.0.0.1", 1));
        Assert.StartsWith("cannot connect to 127.0.0.1:1: ", unreachable.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("\0\0\0\u0002{}")]
    [InlineData("\0\0\0\u0004null")]
    [InlineData("\0\0\0\0")]
    public async Task What_is_no_host_is_told_from_one(string greeting)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var opening = HostConnection.OpenAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        using var accepted = await listener.AcceptSocketAsync();
        await accepted.SendAsync(Encoding.Latin1.GetBytes(greeting));
        var unreachable = await Assert.ThrowsAsync<IOException>(() => opening);
        Assert.EndsWith("whoever listens there is no pbm host", unreachable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_that_ends_within_an_answer_is_lost()
    {
        var node = await HostedNode.StartAsync(_palette);
        await using var connection = await OpenAsync(node);
        var running = connection.RunAsync(["sample", "hang"], _ => { }, CancellationToken.None);
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 1);
        await node.DisposeAsync();
        await Assert.ThrowsAsync<HostLostException>(() => running);
        await Assert.ThrowsAsync<HostLostException>(() =>
            connection.RunAsync(["sample", "refuse"], _ => { }, CancellationToken.None)
        );
    }

    private static Task<HostConnection> OpenAsync(HostedNode node) => HostConnection.OpenAsync("127.0.0.1", node.Port);
}
