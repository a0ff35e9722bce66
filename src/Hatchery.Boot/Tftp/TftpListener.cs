using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Net;
using Hatchery.Wire.Tftp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Tftp;

/// <summary>One interface's well-known port. Answers come from the address that was asked: clients look at it.</summary>
internal sealed class TftpListener : IAsyncDisposable
{
    private const int LongestRequestBytes = 2048;

    /// <summary>What a crowd asks for before we get to read it; the kernel may grant less.</summary>
    private const int SocketBufferBytes = 1 << 20;

    private readonly string _interface;
    private readonly int _port;
    private readonly Socket _socket;
    private readonly TftpTransfers _transfers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    private TftpListener(string @interface, int port, Socket socket, TftpTransfers transfers, ILogger logger)
    {
        _interface = @interface;
        _port = port;
        _socket = socket;
        _transfers = transfers;
        _logger = logger;
    }

    public static TftpListener Bind(
        string name,
        int port,
        IHostNetwork network,
        TftpTransfers transfers,
        ILogger logger
    )
    {
        if (network.Find(name) is null)
            throw new BootServiceException($"TFTP: there is no network interface '{name}'");
        var socket = network.Open(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
            socket.ReceiveBufferSize = SocketBufferBytes;
            socket.BindFor("TFTP", new IPEndPoint(IPAddress.Any, port), name);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return new(name, port, socket, transfers, logger);
    }

    public void Start()
    {
        _loop = Task.Run(ReceiveAsync);
        _logger.TftpListens(_interface, _port);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _loop;
        await _transfers.EndAsync();
        _stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[LongestRequestBytes];
        var anybody = new IPEndPoint(IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, anybody, _stop.Token);
                if (
                    TftpPacket.TryRead(buffer.AsSpan(0, received.ReceivedBytes), out var packet)
                    && packet is TftpPacket.ReadRequest or TftpPacket.WriteRequest
                )
                    _transfers.Begin(
                        packet,
                        (IPEndPoint)received.RemoteEndPoint,
                        received.PacketInformation.Address,
                        _interface,
                        _stop.Token
                    );
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // One request must not end the service.
                _logger.TftpListenerFailed(_interface, e);
            }
        }
    }
}
