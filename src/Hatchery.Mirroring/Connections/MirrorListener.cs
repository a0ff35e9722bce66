using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;

namespace Hatchery.Mirroring;

/// <summary>Takes connections of the farm's other servers, and of nobody else, and gives what they send to the copies that lie here.</summary>
/// <param name="security">Null: no encryption, which only a loopback address may have.</param>
public sealed class MirrorListener(
    IPEndPoint at,
    MirrorHello self,
    ILinkSecurity? security,
    MemberCopies copies,
    LinkOptions options,
    TimeProvider time,
    ILogger<MirrorListener> log
) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _listener = new(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _connections = [];
    private Task _accepting = Task.CompletedTask;

    /// <summary>Where it listens, once it was started.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Connections that are open, strangers' among them.</summary>
    public int Connections
    {
        get
        {
            lock (_gate)
                return _connections.Count;
        }
    }

    /// <exception cref="IOException">The address or port cannot be had.</exception>
    public void Start()
    {
        if (security is null && !IPAddress.IsLoopback(at.Address))
            throw new IOException($"mirrors are not taken at {at} without TLS: only a loopback address may go without");
        try
        {
            _listener.Bind(at);
            _listener.Listen();
        }
        catch (SocketException error)
        {
            throw new IOException($"cannot take mirrors at {at}: {error.Message}", error);
        }
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Task[] open;
        lock (_gate)
            open = [.. _connections];
        await Task.WhenAll(open);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stopping.Token);
            }
            catch (SocketException) when (!_stopping.IsCancellationRequested)
            {
                // Gone before it was taken, or out of descriptors, which come back.
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None);
                continue;
            }
            catch (Exception stopped)
                when (stopped is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
            Take(socket);
        }
    }

    private void Take(Socket socket)
    {
        var remote = socket.RemoteEndPoint as IPEndPoint ?? at;
        lock (_gate)
        {
            if (_connections.Count < options.ConnectionsMax)
            {
                var connection = Task.Run(() => ServeAsync(socket, remote));
                _connections.Add(connection);
                _ = connection.ContinueWith(Forget, TaskScheduler.Default);
                return;
            }
        }
        socket.Dispose();
        Log.Refused(log, remote, $"{options.ConnectionsMax} connections are open already");
    }

    private void Forget(Task connection)
    {
        lock (_gate)
            _connections.Remove(connection);
    }

    private async Task ServeAsync(Socket socket, IPEndPoint remote)
    {
        socket.NoDelay = true;
        await using var stream = new LinkStream(new NetworkStream(socket, ownsSocket: true));
        if (await GreetAsync(stream, remote) is not { } link)
            return;
        await using var _ = link;
        await using var stopped = _stopping.Token.Register(() => link.End("this server stops"));
        var member = new LinkedPeer(link, time);
        copies.Connected(member);
        Log.Connected(log, link.Other.Server, remote);
        try
        {
            var reason = await link.RunAsync(
                (cache, message) =>
                {
                    member.Heard();
                    copies.Received(member, cache, message);
                }
            );
            Log.Ended(log, link.Other.Server, remote, reason);
        }
        finally
        {
            copies.Disconnected(member);
        }
    }

    /// <summary>Null when it is none of ours; that is logged.</summary>
    private async Task<MirrorLink?> GreetAsync(Stream stream, IPEndPoint remote)
    {
        using var expiry = new CancellationTokenSource(options.HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, _stopping.Token);
        try
        {
            if (security is not null)
                stream = await security.AsServerAsync(stream, either.Token);
            return await MirrorLink.GreetAsync(stream, self, options, either.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (OperationCanceledException)
        {
            Log.Refused(log, remote, $"it did not say who it is within {options.HandshakeTimeout.TotalSeconds:0.#} s");
        }
        catch (Exception none) when (none is LinkException or IOException or AuthenticationException)
        {
            Log.Refused(log, remote, (none as AuthenticationException)?.InnerException?.Message ?? none.Message);
        }
        await stream.DisposeAsync();
        return null;
    }
}
