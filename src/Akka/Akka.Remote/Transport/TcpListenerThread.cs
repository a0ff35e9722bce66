using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Akka.Actor;
using Akka.Event;

namespace Akka.Remote.Transport;

/// <summary>Listens, and gives each connection a thread that greets and then reads it.</summary>
internal sealed class TcpListenerThread(Remoting remoting) : IDisposable
{
    /// <summary>More connections than these are closed at once: of peers that have not proved who they are, and of all.</summary>
    private const int MostUnknown = 64;
    private const int MostInAll = 1024;

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(10);

    private Socket? _socket;
    private int _unknown;
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
            if (Volatile.Read(ref _unknown) >= MostUnknown || Volatile.Read(ref _all) >= MostInAll)
            {
                remoting.PeerTrouble.Write(LogLevel.WarningLevel, "too many connections: one was closed at once");
                socket.Dispose();
                continue;
            }
            Interlocked.Increment(ref _unknown);
            Interlocked.Increment(ref _all);
            Run(() => Serve(socket), "akka-remote inbound");
        }
    }

    private void Serve(Socket socket)
    {
        var unknown = true;
        try
        {
            remoting.Tcp.Apply(socket);
            using var connection = new TcpConnection(socket);
            if (Greet(connection) is not { } association)
                return;
            Interlocked.Decrement(ref _unknown);
            unknown = false;
            association.Receive(connection);
            remoting.ForgetIfUnused(association);
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
            Interlocked.Decrement(ref _all);
            if (unknown)
                Interlocked.Decrement(ref _unknown);
        }
    }

    private Associations.Association? Greet(TcpConnection connection)
    {
        connection.Timeout = remoting.Tcp.ConnectionTimeout;
        connection.WriteTimeout = remoting.Tcp.ConnectionTimeout;
        try
        {
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
                    $"version {version} of the protocol, and {remoting.DefaultAddress} has version {Hello.Version}"
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
        var association = remoting.AssociationWith(hello.From);
        if (association.Accept(connection, hello.Uid) is { } refusal)
        {
            Refuse(connection, refusal);
            remoting.ForgetIfUnused(association);
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
