using System.Net;
using System.Net.Sockets;
using Hatchery.Disks;

namespace Hatchery.Mirroring.Tests;

/// <summary>Stands between a streamer and a member, and gives on what a test lets through.</summary>
internal sealed class Meddler : IAsyncDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly MirrorHello _streamer;
    private readonly TestServer _member;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    public Meddler(string streamer, TestServer member)
    {
        (_streamer, _member) = (MirrorSite.Named(streamer), member);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _running = RunAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>What becomes of an answer of the member; null: nothing.</summary>
    public Func<MirrorMessage, MirrorMessage?> Answer { get; set; } = message => message;

    /// <summary>What becomes of what the streamer sends; null: nothing.</summary>
    public Func<MirrorMessage, MirrorMessage?> Request { get; set; } = message => message;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
                await ServeAsync(await _listener.AcceptAsync(_stopping.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket accepted)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_member.EndPoint);
        await using var near = await MirrorLink.GreetAsync(
            new NetworkStream(accepted, ownsSocket: true),
            _member.Hello,
            new(),
            _stopping.Token
        );
        await using var far = await MirrorLink.GreetAsync(
            new NetworkStream(socket, ownsSocket: true),
            _streamer,
            new(),
            _stopping.Token
        );
        await using var stopped = _stopping.Token.Register(() => near.End("the test is over"));
        var answering = far.RunAsync(
            (cache, message) =>
            {
                if (Answer(message) is { } answer)
                    near.Send(cache, answer);
                Release(far, message);
            }
        );
        await near.RunAsync(
            (cache, message) =>
            {
                if (Request(message) is { } request)
                    far.Send(cache, request);
                Release(near, message);
            }
        );
        far.End("the streamer went");
        await answering;
    }

    private static void Release(MirrorLink link, MirrorMessage message)
    {
        if (MirrorCodec.BytesOf(message) is { IsEmpty: false } bytes)
            link.Window.Release(bytes);
    }
}
