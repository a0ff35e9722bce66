using System.Buffers;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Hatchery.Boot.Net;
using Hatchery.Wire;
using Hatchery.Wire.Icmp6;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.RouterAdvertisements;

/// <summary>One interface's raw ICMPv6 socket, which the kernel filters down to router solicitations.</summary>
internal sealed class SolicitationListener : IAsyncDisposable
{
    private const int LevelIcmp6 = 58;
    private const int FilterOption = 1;

    /// <summary>RFC 4861 section 6.1.2: hosts drop what has been routed, so a fresh packet has all its hops.</summary>
    private const int AllHops = 255;

    private static readonly IPAddress s_allNodes = IPAddress.Parse("ff02::1");
    private static readonly IPAddress s_allRouters = IPAddress.Parse("ff02::2");

    private readonly HostInterface _interface;
    private readonly Socket _socket;
    private readonly ILogger _logger;
    private readonly byte[] _answer;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    private SolicitationListener(HostInterface @interface, Socket socket, ILogger logger)
    {
        _interface = @interface;
        _socket = socket;
        _logger = logger;
        var answer = new ArrayBufferWriter<byte>(24);
        new RouterAdvertisement(SourceMac: MacOf(@interface.Mac)).Write(answer);
        _answer = answer.WrittenSpan.ToArray();
    }

    /// <summary>Null, and a line in the log, where this host cannot.</summary>
    public static SolicitationListener? TryBind(string name, IHostNetwork network, ILogger logger)
    {
        if (network.Find(name) is not { } found)
        {
            logger.AdvertiserOff(name, "there is no such interface");
            return null;
        }
        Socket? socket = null;
        try
        {
            socket = network.Open(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6);
            socket.BindToInterface(name);
            socket.SetRawSocketOption(LevelIcmp6, FilterOption, PassOnly(RouterSolicitation.Type));
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, AllHops);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IpTimeToLive, AllHops);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, found.Index);
            socket.SetSocketOption(
                SocketOptionLevel.IPv6,
                SocketOptionName.AddMembership,
                new IPv6MulticastOption(s_allRouters, found.Index)
            );
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
            return new(found, socket, logger);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            logger.AdvertiserOff(
                name,
                e.SocketErrorCode switch
                {
                    SocketError.AccessDenied => "not permitted (root, or the capability NET_RAW)",
                    SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable => "IPv6 is off",
                    _ => e.Message,
                }
            );
            return null;
        }
    }

    public void Start()
    {
        _loop = Task.Run(AnswerAsync);

        // It listens all the same: an address may come later.
        if (_interface.HasIpv6)
            _logger.AdvertiserListens(_interface.Name);
        else
            _logger.AdvertiserOff(_interface.Name, "the interface has no IPv6 address");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private async Task AnswerAsync()
    {
        var buffer = new byte[1500];
        var anybody = new IPEndPoint(IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anybody, _stop.Token);
                if (RouterSolicitation.TryRead(buffer.AsSpan(0, received.ReceivedBytes), out _))
                    await AnswerAsync(((IPEndPoint)received.RemoteEndPoint).Address);
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e)
            {
                // The interface may come back, and whoever asked will ask again.
                _logger.AdvertiserOff(_interface.Name, e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
            }
        }
    }

    /// <summary>To the host itself where it has an address, so that one machine's question costs the others nothing.</summary>
    private async Task AnswerAsync(IPAddress client)
    {
        var to = client.IsIPv6LinkLocal ? client : new IPAddress(s_allNodes.GetAddressBytes(), _interface.Index);
        await _socket.SendToAsync(_answer, SocketFlags.None, new IPEndPoint(to, 0), _stop.Token);
        Telemetry.RouterAdvertisements.Add(1);
        _logger.Advertised(_interface.Name, to);
    }

    private static MacAddress? MacOf(PhysicalAddress address) =>
        address.GetAddressBytes() is { Length: 6 } octets ? MacAddress.FromBytes(octets) : null;

    /// <summary>RFC 3542 section 3.2: on Linux a bit that is set blocks the type.</summary>
    private static byte[] PassOnly(byte type)
    {
        var filter = new byte[32];
        filter.AsSpan().Fill(0xff);

        // Words of 32 bits in the host's order, which is little-endian on every machine .NET runs on under Linux but s390x.
        filter[type / 8] &= (byte)~(1 << (type % 8));
        return filter;
    }
}
