using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Akka.Actor;
using Akka.Event;

namespace Akka.Remote.Transport;

/// <summary>Listens, and gives each connection a thread that greets and then reads it.</summary>
internal sealed class TcpListenerThread(Remoting remoting) : IDisposable
{
    /// <summary>So many peers may be about to say who they are; the next one takes the place of the oldest.</summary>
    private const int MostUnknown = 64;

    /// <summary>Of more connections than these the newest are closed at once.</summary>
    private const int MostInAll = 1024;

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(10);

    private Socket? _socket;
    private readonly Lock _lock = new();
    private readonly LinkedList<Socket> _unknown = new();
    private int _all;
    private readonly ManualResetEventSlim _ended = new();

    /// <summary>Takes the port; gives its number.</summary>
    /// <exception cref="RemoteTransportException">The port is not to be had.</exception>
    public int Bind()
    {
        var tcp = remoting.Tcp;
        try
        {
            var address = tcp.Resolve(tcp.Hostname);
            _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _socket.Bind(new IPEndPoint(address, tcp.Port));
            _socket.Listen(tcp.Backlog);
            return ((IPEndPoint)_socket.LocalEndPoint!).Port;
        }
        catch (SocketException cause)
        {
            _socket?.Dispose();
            throw new RemoteTransportException(
                $"Failed to bind TCP on {tcp.Hostname}:{tcp.Port}: {cause.Message}",
                cause
            );
        }
    }

    public void Start() => Run(Accept, "akka-remote listener");

    public void Dispose()
    {
        _ended.Set();
        _socket?.Dispose();
    }

    private static void Run(ThreadStart work, string name) =>
        new Thread(work) { IsBackground = true, Name = name }.Start();

    private void Accept()
    {
        while (!_ended.IsSet)
        {
            Socket socket;
            try
            {
                socket = _socket!.Accept();
            }
            catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
            {
                if (_ended.IsSet)
                    return;
                // No more handles, or a peer that left while it was being accepted.
                remoting.PeerTrouble.Write(LogLevel.WarningLevel, $"a connection could not be taken: {cause.Message}");
                _ended.Wait(PauseAfterError);
                continue;
            }
            if (MakeRoom(socket) is { } node)
                Run(() => Serve(node), "akka-remote inbound");
        }
    }

    private LinkedListNode<Socket>? MakeRoom(Socket socket)
    {
        Socket? closed = null;
        LinkedListNode<Socket>? node = null;
        lock (_lock)
        {
            if (_all >= MostInAll)
            {
                closed = socket;
            }
            else
            {
                if (_unknown.Count >= MostUnknown)
                {
                    closed = _unknown.First!.Value;
                    _unknown.RemoveFirst();
                }
                node = _unknown.AddLast(socket);
                _all++;
            }
        }
        if (closed is not null)
            remoting.PeerTrouble.Write(LogLevel.WarningLevel, "too many connections: one was closed");
        closed?.Dispose();
        return node;
    }

    private void Known(LinkedListNode<Socket> node)
    {
        lock (_lock)
        {
            if (node.List is not null)
                _unknown.Remove(node);
        }
    }

    private void Serve(LinkedListNode<Socket> node)
    {
        var socket = node.Value;
        try
        {
            remoting.Tcp.Apply(socket);
            using var connection = new TcpConnection(socket);
            if (Greet(connection) is not { } association)
                return;
            Known(node);
            association.Receive(connection);
        }
        catch (Exception cause)
            when (cause is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            remoting.PeerTrouble.Write(LogLevel.WarningLevel, $"a connection was refused: {cause.Message}");
        }
        catch (Exception cause)
        {
            remoting.Log.Error(cause, "a connection failed");
        }
        finally
        {
            socket.Dispose();
            Known(node);
            lock (_lock)
                _all--;
        }
    }

    private Associations.Association? Greet(TcpConnection connection)
    {
        connection.Timeout = remoting.Tcp.ConnectionTimeout;
        connection.WriteTimeout = remoting.Tcp.ConnectionTimeout;
        try
        {
            // Whoever only looks whether anybody listens is no trouble.
            if (!connection.BeginsToSpeak())
                return null;
            if (remoting.Tls is { } tls)
                connection.Secure(tls.AsServer);
            if (!connection.TryReadFrame(out var type, out var body))
                return null;
            if (!Hello.TryRead(type, body, out var version, out var hello))
            {
                Trouble(connection, "what it sent is not this protocol");
                return null;
            }
            return Answer(connection, version, hello);
        }
        catch (Exception cause)
            when (cause is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            Trouble(connection, (cause as AuthenticationException)?.InnerException?.Message ?? cause.Message);
            return null;
        }
    }

    private Associations.Association? Answer(TcpConnection connection, byte version, Hello? hello)
    {
        if (hello is null)
        {
            Refuse(
                connection,
                new HandshakeAnswer.Refusal(
                    RefusalReason.Version,
                    $"version {version} of the protocol, and {remoting.DefaultAddress} has version {Hello.Version}: both need the same"
                )
            );
            return null;
        }
        if (!remoting.Addresses.Contains(hello.To))
        {
            Refuse(
                connection,
                new HandshakeAnswer.Refusal(
                    RefusalReason.Address,
                    $"{hello.From} called {hello.To}, and this is {remoting.DefaultAddress}"
                )
            );
            return null;
        }
        if (remoting.AssociationWithCaller(hello.From) is not { } association)
        {
            Refuse(
                connection,
                new HandshakeAnswer.Refusal(
                    RefusalReason.Busy,
                    "too many addresses have called: it has to be started again"
                )
            );
            return null;
        }
        if (association.Accept(connection, hello.Uid) is { } refusal)
        {
            Refuse(connection, refusal);
            return null;
        }
        return association;
    }

    private void Refuse(TcpConnection connection, HandshakeAnswer.Refusal refusal)
    {
        Trouble(connection, refusal.Text);
        var buffer = new FrameBuffer();
        refusal.Write(buffer);
        connection.Write(buffer);
    }

    private void Trouble(TcpConnection connection, string why) =>
        remoting.PeerTrouble.Write(LogLevel.WarningLevel, $"connection from {connection.Peer} refused: {why}");
}
