using System.Net;
using Akka.Actor;
using Akka.Streams;
using Hatchery.Streaming.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Streaming.Tests;

/// <summary>Both protocols at free ports of the loopback, over one gate.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly ActorSystem? _system;

    private Rig(
        StreamingOptions options,
        TimeProvider time,
        ILoggerFactory loggers,
        bool useStreams,
        ByteBudget? budget
    )
    {
        _system = useStreams ? ActorSystem.Create("rig") : null;
        ConnectionRunner run = _system is null ? EngineLoop.RunAsync : ConnectionStream.By(_system.Materializer());
        var free = new IPEndPoint(IPAddress.Loopback, 0);
        Nbd = new(free, Gate, run, options, loggers, time, budget);
        Iscsi = new(free, Gate, run, options, loggers, time, budget);
    }

    public FakeGate Gate { get; } = new();

    public NbdListener Nbd { get; }

    public IscsiListener Iscsi { get; }

    /// <param name="useStreams">False runs the cores in a plain loop, which tells a fault of a core from one of a stage.</param>
    public static async Task<Rig> StartAsync(
        StreamingOptions? options = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        bool useStreams = true,
        ByteBudget? budget = null
    )
    {
        var rig = new Rig(
            options ?? new(),
            time ?? TimeProvider.System,
            loggers ?? NullLoggerFactory.Instance,
            useStreams,
            budget
        );
        await rig.Nbd.StartAsync();
        await rig.Iscsi.StartAsync();
        return rig;
    }

    public string NbdUri(string name) => $"nbd://127.0.0.1:{Nbd.BoundEndPoint!.Port}/{name}";

    public string IscsiUri(string name) => $"iscsi://127.0.0.1:{Iscsi.BoundEndPoint!.Port}/{name}/0";

    public async ValueTask DisposeAsync()
    {
        await Nbd.DisposeAsync();
        await Iscsi.DisposeAsync();
        if (_system is not null)
            await _system.Terminate();
    }
}
