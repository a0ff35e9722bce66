using System.Buffers;
using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Net;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Dhcp;

/// <summary>One interface's socket. The messages of different machines are handled side by side, as many as the limits say; what
/// is dropped, the clients send again.</summary>
internal sealed class DhcpListener : IAsyncDisposable
{
    public const int ServerPort = 67;

    /// <summary>PXE 2.1 section 2.2.4.</summary>
    public const int ProxyPort = 4011;
    private const int ClientPort = 68;
    private const int LongestMessageBytes = 4096;

    /// <summary>Messages under way beyond which no offers are begun: they wait for pings, and who has an address has to be heard.</summary>
    private const int OffersMax = 1536;

    /// <summary>Messages under way.</summary>
    internal const int MessagesMax = 2048;

    /// <summary>What a crowd sends before we get to read it; the kernel may grant less.</summary>
    private const int SocketBufferBytes = 4 << 20;

    /// <summary>A client that has waited longer has sent again more than once.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    private readonly Socket _socket;
    private readonly HostInterface _interface;
    private readonly int _port;
    private readonly IDhcpResponder _responder;
    private readonly ILogger _logger;
    private readonly DiscoverGate _gate;
    private readonly MachineTurns _turns = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    private DhcpListener(
        Socket socket,
        HostInterface @interface,
        int port,
        IDhcpResponder responder,
        DiscoverGate gate,
        ILogger logger
    )
    {
        _gate = gate;
        _socket = socket;
        _interface = @interface;
        _port = port;
        _responder = responder;
        _logger = logger;
    }

    public static DhcpListener Bind(
        string name,
        int port,
        IHostNetwork network,
        IDhcpResponder responder,
        DiscoverGate gate,
        ILogger logger
    )
    {
        var found =
            network.Find(name) ?? throw new BootServiceException($"DHCP: there is no network interface '{name}'");
        if (found.Addresses.Count == 0)
            throw new BootServiceException($"DHCP: the network interface '{name}' has no IPv4 address");
        var socket = network.Open(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.EnableBroadcast = true;
            socket.ReceiveBufferSize = SocketBufferBytes;
            socket.BindFor("DHCP", new IPEndPoint(IPAddress.Any, port), name);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return new(socket, found, port, responder, gate, logger);
    }

    /// <summary>The most messages that were under way at once.</summary>
    public int Peak => _turns.Peak;

    public void Start()
    {
        _loop = Task.Run(ReceiveAsync);
        _logger.DhcpListens(_interface.Name, _interface.Addresses[0], _port);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _loop;
        await _turns.EndAsync();
        _stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[LongestMessageBytes];
        var anybody = new IPEndPoint(IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anybody, _stop.Token);
                if (!DhcpMessage.TryRead(buffer.AsSpan(0, received.ReceivedBytes), out var message))
                    Count("unreadable", "dropped");
                else
                    Begin(message, (IPEndPoint)received.RemoteEndPoint);
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // One message must not end the service.
                _logger.DhcpFailed(_interface.Name, e);
            }
        }
    }

    private void Begin(DhcpMessage message, IPEndPoint sender)
    {
        var (mac, type) = (message.ClientMac, TypeOf(message));
        var arrival = new DhcpArrival(message, _interface.Addresses)
        {
            IsOnProxyPort = _port == ProxyPort,
            Sender = sender.Address,
        };
        if (_responder.Refuses(arrival) is { } reason)
        {
            Count(type, $"refused: {reason}");
            if (reason != DhcpRefusal.AnotherServer)
                _logger.DhcpRefused(_interface.Name, type, mac, sender, message.RelayAddress, reason);
            return;
        }
        var isNew = message.Type is DhcpMessageType.Discover or null;
        if (isNew && !_gate.Admits(mac))
            Count(type, "held back");
        else if (!_turns.TryBegin(mac, isNew ? OffersMax : MessagesMax, () => TryAnswerAsync(arrival, sender)))
            Count(type, "too many at once");
    }

    private async Task TryAnswerAsync(DhcpArrival arrival, IPEndPoint sender)
    {
        try
        {
            await AnswerAsync(arrival, sender);
        }
        catch (Exception e)
        {
            // One message must not end the service.
            if (!_stop.IsCancellationRequested)
                _logger.DhcpFailed(_interface.Name, e);
        }
    }

    private async Task AnswerAsync(DhcpArrival arrival, IPEndPoint sender)
    {
        var message = arrival.Message;
        var type = TypeOf(message);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(s_patience);
        try
        {
            var answer = await _responder.AnswerAsync(arrival, limit.Token);
            Count(type, answer is null ? "silent" : answer.Type?.ToString() ?? "BOOTP");
            if (answer?.Type == DhcpMessageType.Ack && !answer.YourAddress.IsAny())
                _gate.Knows(message.ClientMac);
            if (answer is not null)
                await SendAsync(answer, message, arrival.IsOnProxyPort ? sender : DestinationOf(answer));
        }
        catch (DbException e)
        {
            Count(type, "database away");
            _logger.LeasesAway(message.ClientMac, e.Message);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            Count(type, "too slow");
            _logger.TooSlow(message.ClientMac, s_patience);
        }
    }

    /// <summary>Bytes of a message that the client takes: option 57 counts IP and UDP headers too (RFC 2132 section 9.10); a BOOTP
    /// client knows one length (RFC 951), and more than a frame is fragmented, which boot ROMs do not take.</summary>
    internal static int LongestFor(DhcpMessage request) =>
        request.Type is null
            ? 300
            : Math.Clamp((int)(request.Options.UInt16(DhcpOptionCode.MaximumMessageSize) ?? 0), 576, 1500) - 28;

    private async Task SendAsync(DhcpMessage answer, DhcpMessage request, IPEndPoint destination)
    {
        var buffer = new ArrayBufferWriter<byte>(576);
        var leftOut = answer.Write(buffer, LongestFor(request));
        if (leftOut.Count > 0)
            _logger.OptionsLeftOut(request.ClientMac, string.Join(", ", leftOut.Select(DhcpOptionCatalog.NameOf)));
        try
        {
            await _socket.SendToAsync(buffer.WrittenMemory, SocketFlags.None, destination, _stop.Token);
        }
        catch (SocketException e)
        {
            _logger.DhcpNotSent(_interface.Name, destination, e.Message);
        }
    }

    /// <summary>RFC 2131 section 4.1, except that a client without an address gets a broadcast also where it could take
    /// unicast: that needs no entry in the kernel's neighbour table, and every client hears it.</summary>
    internal static IPEndPoint DestinationOf(DhcpMessage answer)
    {
        if (!answer.RelayAddress.IsAny())
            return new(answer.RelayAddress, ServerPort);
        return answer.ClientAddress.IsAny() || answer.Type == DhcpMessageType.Nak
            ? new(IPAddress.Broadcast, ClientPort)
            : new(answer.ClientAddress, ClientPort);
    }

    /// <summary>A short list, whatever was sent: it labels a counter.</summary>
    private static string TypeOf(DhcpMessage message) =>
        message.Type switch
        {
            { } type when Enum.IsDefined(type) => type.ToString(),
            null when DhcpIntent.IsBootp(message) => "BOOTP",
            _ => "unknown",
        };

    private static void Count(string type, string result) =>
        Telemetry.DhcpMessages.Add(1, new("type", type), new("result", result));
}
