using System.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Streaming.Tests.Sessions;

public sealed class ListenerTests
{
    [Fact]
    public async Task A_port_in_use_is_named_in_one_line()
    {
        await using var rig = await Rig.StartAsync();
        var port = rig.Nbd.BoundEndPoint!.Port;
        await using var second = new NbdListener(
            new IPEndPoint(IPAddress.Loopback, port),
            rig.Gate,
            EngineLoop.RunAsync,
            new(),
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
        var failure = await Assert.ThrowsAsync<IOException>(second.StartAsync);
        Assert.Contains($"port {port} is in use", failure.Message, StringComparison.Ordinal);
    }
}
