using System.Buffers;
using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Net;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Dhcp;

/// <summary>One interface's socket. Messages are handled one after the other, and the socket's buffer is the queue; only
/// offers, which wait for a ping, are made side by side. What is dropped, the clients send again.</summary>
internal sealed class DhcpListener : IAsyncDisposable
{
    public const int ServerPort = 67;

    /// <summary>PXE 2.1 section 2.2.4.</summary>
    public const int ProxyPort = 4011;
    private const int ClientPort = 68;
    private const int LongestMessageBytes = 4096;

    /// <summary>As many addresses are pinged at once; the kernel's neighbour table holds 1,024 entries.</summary>
    private const int MostOffersAtOnce = 256;

    /// <summary>A client that has waited longer has sent again already.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly Socket _socket;
    private readonly HostInterface _interface;
    private readonly int _port;
    private readonly IDhcpResponder _responder;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _offers = new(MostOffersAtOnce);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    private DhcpListener(Socket socket, HostInterface @interface, int port, IDhcpResponder responder, ILogger logger)
    {
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
            socket.BindFor("DHCP", new IPEndPoint(IPAddress.Any, port), name);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return new(socket, found, port, responder, logger);
    }

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
        for (var i = 0; i < MostOffersAtOnce; i++)
            await _offers.WaitAsync();
        _offers.Dispose();
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
                else if (message.Type != DhcpMessageType.Discover)
                    await AnswerAsync(message, (IPEndPoint)received.RemoteEndPoint);
                else if (_offers.Wait(TimeSpan.Zero))
                    _ = OfferAsync(message, (IPEndPoint)received.RemoteEndPoint);
                else
                    Count("Discover", "too many at once");
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

    private async Task OfferAsync(DhcpMessage message, IPEndPoint sender)
    {
        try
        {
            await AnswerAsync(message, sender);
        }
        catch (Exception e)
        {
            if (!_stop.IsCancellationRequested)
                _logger.DhcpFailed(_interface.Name, e);
        }
        finally
        {
            _offers.Release();
        }
    }

    private async Task AnswerAsync(DhcpMessage message, IPEndPoint sender)
    {
        var type = message.Type?.ToString() ?? "BOOTP";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(s_patience);
        try
        {
            var isOnProxyPort = _port == ProxyPort;
            var arrival = new DhcpArrival(message, _interface.Addresses) { IsOnProxyPort = isOnProxyPort };
            var answer = await _responder.AnswerAsync(arrival, limit.Token);
            Count(type, answer is null ? "silent" : answer.Type?.ToString() ?? "BOOTP");
            if (answer is not null)
                await SendAsync(answer, message, isOnProxyPort ? sender : DestinationOf(answer));
        }
        catch (DbException e)
        {
            Count(type, "database away");
            _logger.LeasesAway(message.ClientMac, e.Message);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            Count(type, "database away");
            _logger.LeasesAway(message.ClientMac, $"no answer in {s_patience}");
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

    private static void Count(string type, string result) =>
        Telemetry.DhcpMessages.Add(1, new("type", type), new("result", result));
}
