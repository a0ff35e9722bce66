using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Hatchery.Devices;
using Hatchery.Streaming.Transport;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>Runs one accepted connection to its end; the socket is closed when the task ends.</summary>
internal delegate Task ConnectionRunner(Socket socket, ConnectionEngine engine);

/// <summary>Accepts connections of one protocol at one address, and ends all of them when it is disposed.</summary>
public abstract class StreamListener : IAsyncDisposable
{
    private const int Backlog = 512;
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private readonly IPEndPoint _endPoint;
    private readonly StreamProtocol _protocol;
    private readonly TimeProvider _time;
    private readonly ConnectionRunner _run;
    private readonly ServiceCap _cap;
    private readonly ConcurrentDictionary<ConnectionEngine, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _listener;
    private ITimer? _ticks;
    private Task _accepting = Task.CompletedTask;
    private int _disposed;

    private protected StreamListener(
        StreamProtocol protocol,
        IPEndPoint endPoint,
        StreamingOptions options,
        ILogger logger,
        TimeProvider time,
        ConnectionRunner run
    )
    {
        (_protocol, _endPoint, _time, _run) = (protocol, endPoint, time, run);
        (Options, Logger) = (options, logger);
        _cap = new(protocol.ToString().ToLowerInvariant(), options.MaxConnections, options.MaxPerAddress);
    }

    /// <summary>Where it listens, with the port that the system chose for port 0; null before the start.</summary>
    public IPEndPoint? BoundEndPoint { get; private set; }

    public int ConnectionCount => _connections.Count;

    public ServiceUse Use => _cap.Use;

    private protected StreamingOptions Options { get; }

    private protected ILogger Logger { get; }

    /// <summary>Binds and begins to accept.</summary>
    /// <exception cref="IOException">The address is in use or not this host's; the message is one line for an operator.</exception>
    public Task StartAsync()
    {
        var socket = new Socket(_endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(_endPoint);
            socket.Listen(Backlog);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            var reason = failure.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"port {_endPoint.Port} is in use",
                SocketError.AddressNotAvailable => $"{_endPoint.Address} is no address of this host",
                SocketError.AccessDenied => $"port {_endPoint.Port} needs a capability (CAP_NET_BIND_SERVICE)",
                _ => failure.Message,
            };
            throw new IOException($"cannot serve {_protocol} at {_endPoint}: {reason}", failure);
        }
        _listener = socket;
        BoundEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _ticks = _time.CreateTimer(_ => Tick(), state: null, s_tick, s_tick);
        _accepting = AcceptAsync(socket);
        Log.Listening(Logger, _protocol, BoundEndPoint);
        return Task.CompletedTask;
    }

    /// <summary>Stops accepting, ends all connections and waits until what they had at the disks is finished.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stopping.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        if (_ticks is not null)
            await _ticks.DisposeAsync();
        foreach (var engine in _connections.Keys)
            engine.RequestEnd();
        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract ConnectionEngine Serve(IPEndPoint remote, IPEndPoint local);

    private void Tick()
    {
        foreach (var engine in _connections.Keys)
            engine.RequestTick();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket? socket = null;
            try
            {
                socket = await listener.AcceptAsync(_stopping.Token);
                Open(socket);
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                socket?.Dispose();
                return;
            }
            catch (SocketException failure)
            {
                // A peer that was gone before it was accepted, or no descriptor left: neither may end the service.
                socket?.Dispose();
                Log.AcceptFailed(Logger, failure);
                await Task.Delay(s_tick / 10, _time, _stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Open(Socket socket)
    {
        var remote = Plain(socket.RemoteEndPoint!);
        var place = _cap.TryEnter(remote.Address, out var refusal);
        if (place is null)
        {
            Log.TooManyConnections(Logger, _protocol, remote, refusal!);
            socket.Dispose();
            return;
        }
        ConnectionEngine engine;
        try
        {
            SocketSettings.Apply(socket, Options.UserTimeout);
            engine = Serve(remote, Plain(socket.LocalEndPoint!));
        }
        catch
        {
            place.Dispose();
            throw;
        }
        engine.LoggedIn = () => place.SetIdle(isIdle: false);
        var started = new TaskCompletionSource();
        _connections[engine] = RunAsync(socket, engine, place, started.Task);
        place.OnEvicted(() =>
        {
            Log.Evicted(Logger, _protocol, remote);
            engine.RequestEnd();
        });
        started.SetResult();
    }

    /// <summary>An IPv4 peer of a listener for both families is told its IPv4 address.</summary>
    private static IPEndPoint Plain(EndPoint endPoint)
    {
        var ip = (IPEndPoint)endPoint;
        return ip.Address.IsIPv4MappedToIPv6 ? new(ip.Address.MapToIPv4(), ip.Port) : ip;
    }

    private async Task RunAsync(Socket socket, ConnectionEngine engine, ServiceCap.Place place, Task started)
    {
        await started.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var remote = socket.RemoteEndPoint;
        Telemetry.ConnectionOpened(_protocol);
        try
        {
            using (socket)
                await _run(socket, engine);
            await engine.Completion.Task;
        }
        // One connection's failure is logged and is no other's.
        catch (Exception failure)
        {
            Log.StreamFailed(Logger, remote, failure);
        }
        finally
        {
            _connections.TryRemove(engine, out _);
            place.Dispose();
            Telemetry.ConnectionClosed(_protocol);
        }
    }
}
