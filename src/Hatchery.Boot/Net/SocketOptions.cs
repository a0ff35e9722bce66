using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hatchery.Boot.Net;

/// <summary>What .NET has no names for; numbers from Linux's headers.</summary>
internal static class SocketOptions
{
    private const int SolSocket = 1;
    private const int SoBindToDevice = 25;
    private const int SolRaw = 255;
    private const int IcmpFilter = 1;

    /// <summary>Ties the socket to one interface: it sends and hears nothing elsewhere, and other interfaces keep the port free.</summary>
    public static void BindToInterface(this Socket socket, string name) =>
        socket.SetRawSocketOption(SolSocket, SoBindToDevice, Encoding.ASCII.GetBytes(name + '\0'));

    /// <summary>For a raw ICMP socket: the errors that pings into the void bring would push the replies out of its buffer.</summary>
    public static void HearOnlyEchoReplies(this Socket socket)
    {
        const uint allButEchoReply = ~1u;
        socket.SetRawSocketOption(SolRaw, IcmpFilter, BitConverter.GetBytes(allButEchoReply));
    }

    /// <summary>Binds, and says which service wanted which address where that fails.</summary>
    /// <exception cref="BootServiceException">The address is taken, absent, or not for this user.</exception>
    public static void BindFor(this Socket socket, string service, IPEndPoint endpoint, string interfaceName)
    {
        try
        {
            socket.BindToInterface(interfaceName);
            socket.Bind(endpoint);
        }
        catch (SocketException e)
        {
            var why = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "the port is in use by another program",
                SocketError.AccessDenied => "not permitted (root, or the capabilities NET_BIND_SERVICE and NET_RAW)",
                _ => e.Message,
            };
            throw new BootServiceException($"{service} cannot listen on {endpoint} of {interfaceName}: {why}", e);
        }
    }
}
