using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Hatchery.Testing;
using Petabridge.Cmd.Host;

namespace Petabridge.Cmd.Tests;

public sealed class HostTests
{
    [Fact]
    public async Task Second_palette_of_a_name_is_refused()
    {
        await using var node = HostedNode.With("petabridge.cmd.port = 0");
        var host = PetabridgeCmd.Get(node.System);
        var (first, second) = (new SamplePalette(), new SamplePalette());
        Assert.True(host.RegisterCommandPalette(first));
        Assert.False(host.RegisterCommandPalette(second));
        Assert.False(host.RegisterCommandPalette(new SamplePalette("actor")));
        Assert.Equal((1, 0), (first.Registered, second.Registered));
    }

    [Fact]
    public async Task Host_is_one_for_a_system()
    {
        await using var node = HostedNode.With("petabridge.cmd.port = 0");
        Assert.Same(PetabridgeCmd.Get(node.System), PetabridgeCmd.Get(node.System));
        Assert.Same(node.System, PetabridgeCmd.Get(node.System).Sys);
    }

    [Fact]
    public async Task Clients_are_sent_every_palette_first()
    {
        await using var node = await HostedNode.StartAsync(new SamplePalette());
        using var client = await HostClient.ConnectAsync(node.Port);
        Assert.Equal(["actor", "sample"], client.Palettes.Select(p => p.Name));
        var echo = client.Palettes[1].Commands[0];
        Assert.Equal(("echo", "Says what it was given"), (echo.Name, echo.Description));
        Assert.Equal(["first", "rest", "count", "tag", "loud"], echo.Arguments.Select(a => a.Name));
        var count = echo.Arguments[2];
        Assert.Equal(["-c", "--count"], count.Switches);
        Assert.Equal(("1", false), (count.Default, count.IsFlag));
        Assert.True(echo.Arguments[0].IsMandatory && echo.Arguments[1].AllowMultiple && echo.Arguments[4].IsFlag);
    }

    [Fact]
    public async Task Starting_twice_binds_once()
    {
        await using var node = await HostedNode.StartAsync();
        PetabridgeCmd.Get(node.System).Start();
        using var client = await HostClient.ConnectAsync(node.Port);
        Assert.DoesNotContain(node.Logged, l => l.LogLevel() == LogLevel.ErrorLevel);
    }

    [Fact]
    public async Task Port_in_use_is_logged_and_does_not_stop_the_node()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var node = HostedNode.With($"petabridge.cmd.port = {port}");
        await ErrorAsync(node, $"petabridge.cmd cannot bind to [127.0.0.1:{port}]");
    }

    [Fact]
    public async Task Port_that_is_none_is_logged_and_does_not_stop_the_node()
    {
        await using var node = HostedNode.With("petabridge.cmd.port = 70000");
        await ErrorAsync(node, "petabridge.cmd cannot bind to [127.0.0.1:70000]");
    }

    [Fact]
    public async Task Nobody_listens_after_the_system_has_ended()
    {
        var node = await HostedNode.StartAsync();
        using var client = await HostClient.ConnectAsync(node.Port);
        await node.DisposeAsync();
        await client.EndedAsync();
        await Assert.ThrowsAsync<SocketException>(() => HostClient.ConnectAsync(node.Port));
    }

    private static async Task ErrorAsync(HostedNode node, string begins)
    {
        await Eventually.TrueAsync(() => node.Logged.Any(l => l.LogLevel() == LogLevel.ErrorLevel));
        var error = node.Logged.First(l => l.LogLevel() == LogLevel.ErrorLevel).Message.ToString()!;
        Assert.StartsWith(begins, error, StringComparison.Ordinal);
        Assert.False(node.System.WhenTerminated.IsCompleted);
    }
}
