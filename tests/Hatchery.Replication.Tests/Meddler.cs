using System.Net;
using System.Net.Sockets;

namespace Hatchery.Replication.Tests;

/// <summary>Stands between two servers, counts what goes back to the one that asks, and cuts the connection or flips a bit of it.</summary>
internal sealed class Meddler : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Peer _to;
    private readonly Task _accepting;
    private readonly List<Task> _connections = [];
    private long _passed;

    public Meddler(Peer to)
    {
        _to = to;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Peer AsPeer => _to with { Port = ((IPEndPoint)_listener.LocalEndpoint).Port };

    /// <summary>Bytes that went back, over all connections.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    /// <summary>After so many bytes every connection is cut.</summary>
    public long CutAfter { get; set; } = long.MaxValue;

    /// <summary>Of so manyth byte one bit is another.</summary>
    public long FlipAt { get; set; } = -1;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (Exception stopped)
            when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(_to.Host, _to.Port, _stopping.Token);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var asking = near.GetStream().CopyToAsync(far.GetStream(), ended.Token);
            await AnswersAsync(far.GetStream(), near.GetStream(), ended.Token);
            await ended.CancelAsync();
            near.Close();
            await asking;
        }
        catch (Exception gone)
            when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end is gone.
        }
    }

    private async Task AnswersAsync(NetworkStream from, NetworkStream to, CancellationToken cancellation)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReadAsync(buffer, cancellation) is var count and > 0)
        {
            var at = Interlocked.Add(ref _passed, count) - count;
            if (at + count > CutAfter)
                return;
            if (FlipAt >= at && FlipAt < at + count)
                buffer[FlipAt - at] ^= 4;
            await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }
    }
}
