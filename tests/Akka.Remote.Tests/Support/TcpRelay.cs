using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Akka.Remote.Tests.Support;

/// <summary>
/// Stands between two systems: others know a system by the relay's address, and the relay passes everything on to where
/// the system listens. It can hold the bytes back, slow them down, or cut all connections.
/// </summary>
internal sealed class TcpRelay : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private volatile bool _refuses;
    private volatile bool _disposed;
    private int _bytesPerTick;

    public TcpRelay()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(128);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        Target = IPAddress.Parse("127.0.0.2");
        Run(Accept);
    }

    /// <summary>Where others find it, and the port of the system behind it on <see cref="Target"/>.</summary>
    public int Port { get; }

    public IPAddress Target { get; set; }

    /// <summary>What those who connected have sent, of each connection one after the other.</summary>
    public ConcurrentQueue<byte[]> Recorded { get; } = new();

    /// <summary>How a system behind the relay is configured.</summary>
    public string Hocon =>
        $$"""
            akka.remote.dot-netty.tcp {
              hostname = "{{Target}}"
              port = {{Port}}
              public-hostname = "127.0.0.1"
              public-port = {{Port}}
            }
            """;

    /// <summary>True when it has bytes that it holds back.</summary>
    public bool IsHolding { get; private set; }

    public void Freeze()
    {
        IsHolding = false;
        _open.Reset();
    }

    public void Thaw() => _open.Set();

    /// <summary>Passes so many bytes every 10 ms in each direction of each connection; 0 is without a limit.</summary>
    public void Throttle(int bytesPerTick) => Volatile.Write(ref _bytesPerTick, bytesPerTick);

    /// <summary>Aborts all connections; new ones are taken.</summary>
    public void Cut()
    {
        foreach (var socket in _sockets.Keys)
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Dispose();
            }
            catch (Exception gone) when (gone is ObjectDisposedException or SocketException)
            {
                // It ended by itself.
            }
        }
        _sockets.Clear();
    }

    /// <summary>Aborts all connections, and all new ones at once.</summary>
    public void Refuse()
    {
        _refuses = true;
        Cut();
    }

    public void Admit() => _refuses = false;

    public void Dispose()
    {
        _disposed = true;
        _listener.Dispose();
        _open.Set();
        Cut();
        _open.Set();
    }

    private static void Run(ThreadStart work) => new Thread(work) { IsBackground = true, Name = "relay" }.Start();

    private void Accept()
    {
        while (!_disposed)
        {
            try
            {
                var near = _listener.Accept();
                if (_refuses)
                {
                    near.Dispose();
                    continue;
                }
                Run(() => Serve(near));
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                // The listener was closed.
            }
        }
    }

    private void Serve(Socket near)
    {
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            far.Connect(Target, Port);
            near.NoDelay = true;
            far.NoDelay = true;
            _sockets.TryAdd(near, 0);
            _sockets.TryAdd(far, 0);
            Run(() => Pass(far, near, record: false));
            Pass(near, far, record: true);
        }
        catch (SocketException)
        {
            near.Dispose();
            far.Dispose();
        }
    }

    private void Pass(Socket from, Socket to, bool record)
    {
        var buffer = new byte[16 * 1024];
        using var ticks = new ManualResetEventSlim();
        try
        {
            while (true)
            {
                var most = Volatile.Read(ref _bytesPerTick);
                if (most > 0)
                    ticks.Wait(TimeSpan.FromMilliseconds(10));
                var read = from.Receive(
                    buffer,
                    0,
                    most > 0 ? Math.Min(most, buffer.Length) : buffer.Length,
                    SocketFlags.None
                );
                if (read == 0)
                    break;
                if (record)
                    Recorded.Enqueue(buffer[..read]);
                // What was read while it froze is held back too, and lost if it is cut before it thaws.
                if (!_open.IsSet)
                    IsHolding = true;
                _open.Wait();
                for (var sent = 0; sent < read; )
                    sent += to.Send(buffer, sent, read - sent, SocketFlags.None);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // One side left: so does the other.
        }
        _sockets.TryRemove(from, out _);
        _sockets.TryRemove(to, out _);
        from.Dispose();
        to.Dispose();
    }
}
