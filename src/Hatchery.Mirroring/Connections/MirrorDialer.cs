using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Connections to other servers, one each, which all write caches that are streamed here share. Thread-safe.</summary>
/// <param name="find">Where a server takes mirrors; null: nobody knows.</param>
/// <param name="security">Null: no encryption, which only a loopback address may have.</param>
public sealed class MirrorDialer(
    MirrorHello self,
    Func<string, DnsEndPoint?> find,
    ILinkSecurity? security,
    LinkOptions options,
    TimeProvider time
) : IAsyncDisposable
{
    /// <summary>So long a connection stays that nobody needs.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Outgoing> _servers = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();
    private bool _isStopped;

    /// <summary>Ends in <see cref="IMemberEvents.Connected"/> or <see cref="IMemberEvents.Disconnected"/>. Who connected for the same write cache before hears nothing more.</summary>
    public void Connect(string server, LayerId cache, IMemberEvents events)
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                events.Disconnected(server, "this server stops");
                return;
            }
            if (!_servers.TryGetValue(server, out var outgoing))
            {
                outgoing = new(server);
                _servers.Add(server, outgoing);
                var running = Task.Run(() => RunAsync(outgoing));
                _running.Add(running);
                _ = running.ContinueWith(Forget, TaskScheduler.Default);
            }
            outgoing.Users[cache] = events;
            if (outgoing.Link is not null)
                events.Connected(server);
        }
    }

    /// <summary>Nothing more is heard but what is being told now; a connection that nobody needs any more is closed a while later.</summary>
    /// <param name="events">As given to <see cref="Connect"/>. Who connected for the same write cache since then stays.</param>
    public void Disconnect(string server, LayerId cache, IMemberEvents events)
    {
        lock (_gate)
        {
            if (!_servers.TryGetValue(server, out var outgoing) || outgoing.UserOf(cache) != events)
                return;
            outgoing.Users.Remove(cache);
            if (outgoing.Users.Count == 0)
                _ = EndIdleAsync(outgoing, ++outgoing.IdleTimes);
        }
    }

    /// <summary>Sends where there is a connection, in order; the bytes are copied.</summary>
    /// <param name="events">As given to <see cref="Connect"/>. Once somebody else connected for the same write cache, nothing more is sent.</param>
    public void Send(string server, LayerId cache, IMemberEvents events, MirrorMessage message) =>
        Send(server, cache, events, message, frame: null);

    /// <param name="frame">Where the message's bytes lie, if they are not to be copied.</param>
    internal void Send(string server, LayerId cache, IMemberEvents events, MirrorMessage message, FrameBytes? frame)
    {
        MirrorLink? link;
        lock (_gate)
            link =
                _servers.TryGetValue(server, out var outgoing) && outgoing.UserOf(cache) == events
                    ? outgoing.Link
                    : null;
        link?.Send(cache, message, frame);
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            if (_isStopped)
                return;
            _isStopped = true;
        }
        await _stopping.CancelAsync();
        lock (_gate)
        {
            foreach (var outgoing in _servers.Values.ToArray())
                outgoing.End("this server stops");
            running = [.. _running];
        }
        await Task.WhenAll(running);
        _stopping.Dispose();
    }

    /// <summary>Whoever opened an epoch goes on with its session, and does not wait for a new connection.</summary>
    private async Task EndIdleAsync(Outgoing outgoing, int idleTimes)
    {
        if (outgoing.Link is not null)
            await Task.Delay(IdleLimit, time);
        lock (_gate)
        {
            if (
                outgoing.Users.Count > 0
                || outgoing.IdleTimes != idleTimes
                || _servers.GetValueOrDefault(outgoing.Server) != outgoing
            )
                return;
            _servers.Remove(outgoing.Server);
            outgoing.End("nobody needs it any more");
        }
    }

    private void Forget(Task running)
    {
        lock (_gate)
            _running.Remove(running);
    }

    private async Task RunAsync(Outgoing outgoing)
    {
        string reason;
        try
        {
            await using var link = await DialAsync(outgoing);
            lock (_gate)
            {
                outgoing.Link = link;
                foreach (var user in outgoing.Users.Values)
                    user.Connected(outgoing.Server);
            }
            reason = outgoing.Ending.IsCancellationRequested
                ? "nobody needs it any more"
                : await link.RunAsync((cache, message) => Received(outgoing, link, cache, message));
        }
        catch (LinkException none)
        {
            reason = none.Message;
        }
        lock (_gate)
        {
            if (_servers.TryGetValue(outgoing.Server, out var current) && current == outgoing)
                _servers.Remove(outgoing.Server);
            (outgoing.Link, var users) = (null, outgoing.Users.Values.ToArray());
            outgoing.Users.Clear();
            foreach (var user in users)
                user.Disconnected(outgoing.Server, reason);
        }
        outgoing.Ending.Dispose();
    }

    private void Received(Outgoing outgoing, MirrorLink link, LayerId cache, MirrorMessage message)
    {
        // Only an opening is sent bytes, a bounded number at a time.
        if (message is MirrorMessage.Fetched fetched)
        {
            message = fetched with { Bytes = fetched.Bytes.ToArray() };
            link.Window.Release(fetched.Bytes);
        }
        else if (MirrorCodec.BytesOf(message) is { IsEmpty: false } bytes)
        {
            link.Window.Release(bytes);
            link.End("it sends what only a streamer sends");
            return;
        }
        IMemberEvents? user;
        lock (_gate)
            user = outgoing.UserOf(cache);
        user?.Received(outgoing.Server, message);
    }

    /// <exception cref="LinkException">There is no connection.</exception>
    private async Task<MirrorLink> DialAsync(Outgoing outgoing)
    {
        using var expiry = new CancellationTokenSource(options.HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            expiry.Token,
            _stopping.Token,
            outgoing.Ending.Token
        );
        Stream? stream = null;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var at = find(outgoing.Server) ?? throw new LinkException("nobody knows where it is");
            await socket.ConnectAsync(at.Host, at.Port, either.Token);
            stream = new LinkStream(new NetworkStream(socket, ownsSocket: true));
            if (security is not null)
                stream = await security.AsClientAsync(stream, at.Host, either.Token);
            else if (socket.RemoteEndPoint is not IPEndPoint remote || !IPAddress.IsLoopback(remote.Address))
                throw new LinkException("this server has no TLS, without which it mirrors to no other host");
            var link = await MirrorLink.GreetAsync(stream, self, options, either.Token);
            return link.Other.Server == outgoing.Server
                ? link
                : throw new LinkException($"what answers there is called {link.Other.Server}");
        }
        catch (Exception failed)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            throw failed switch
            {
                OperationCanceledException => new LinkException(
                    $"it did not answer within {options.HandshakeTimeout.TotalSeconds:0.#} s",
                    failed
                ),
                AuthenticationException => new LinkException((failed.InnerException ?? failed).Message, failed),
                IOException or SocketException or ObjectDisposedException => new LinkException(failed.Message, failed),
                _ => failed,
            };
        }
    }

    private sealed class Outgoing(string server)
    {
        public string Server => server;

        public Dictionary<LayerId, IMemberEvents> Users { get; } = [];

        public CancellationTokenSource Ending { get; } = new();

        public MirrorLink? Link { get; set; }

        /// <summary>How often nobody needed it any more.</summary>
        public int IdleTimes { get; set; }

        public IMemberEvents? UserOf(LayerId cache) => Users.GetValueOrDefault(cache);

        public void End(string reason)
        {
            Ending.Cancel();
            Link?.End(reason);
        }
    }
}
