using System.Net;
using System.Net.Sockets;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Mirroring.Tests;

/// <summary>A server that takes mirrors, on loopback, with a store of its own.</summary>
internal sealed class MirrorSite : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly MirrorListener _listener;
    private bool _isStopped;

    public MirrorSite(string name, LinkOptions? options = null)
    {
        Store = Store.Open(_folder["store"]).Value!;
        Copies = new(Store, options ?? Patient, TimeProvider.System, Lines.As<MemberCopies>());
        Hello = Named(name);
        _listener = new(
            new(IPAddress.Loopback, 0),
            Hello,
            security: null,
            Copies,
            options ?? Patient,
            TimeProvider.System,
            Lines.As<MirrorListener>()
        );
        _listener.Start();
    }

    /// <summary>For what has to come, on a busy machine, too.</summary>
    public static LinkOptions Patient { get; } = new() { HandshakeTimeout = TimeSpan.FromSeconds(60) };

    public static FarmId Farm { get; } = new(Guid.NewGuid());

    public LogLines Lines { get; } = new();

    public Store Store { get; }

    public MemberCopies Copies { get; }

    public MirrorHello Hello { get; }

    public int Connections => _listener.Connections;

    public DnsEndPoint At => new("127.0.0.1", _listener.EndPoint.Port);

    public static MirrorHello Named(string name) =>
        new(MirrorHello.CurrentVersion, MirrorHello.CurrentVersion, Farm, name);

    /// <summary>A connection that says whatever a test likes.</summary>
    public async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(At.Host, At.Port);
        return new(socket, ownsSocket: true);
    }

    public async Task<NetworkStream> GreetAsync(MirrorHello hello)
    {
        var stream = await ConnectAsync();
        await stream.WriteAsync(hello.ToBytes());
        await stream.ReadExactlyAsync(new byte[Hello.ToBytes().Length]);
        return stream;
    }

    /// <summary>Its connections end, and nobody gets another.</summary>
    public async Task StopListeningAsync()
    {
        if (!_isStopped)
            await _listener.DisposeAsync();
        _isStopped = true;
    }

    public async ValueTask DisposeAsync()
    {
        await StopListeningAsync();
        await Copies.DisposeAsync();
        Store.Dispose();
        _folder.Dispose();
    }
}
