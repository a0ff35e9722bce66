using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>Tells systemd how far the server is, where systemd started it as a service of type <c>notify</c> (sd_notify(3)).</summary>
internal static class ServiceManager
{
    public const string Ready = "READY=1";
    public const string Stopping = "STOPPING=1";

    public static void Tell(string state, ILogger log)
    {
        var path = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        if (string.IsNullOrEmpty(path))
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // '@' begins a name that is in no file system.
            var to = new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path);
            socket.SendTo(Encoding.ASCII.GetBytes(state), to);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            Log.NotTold(log, state, path, e.Message);
        }
    }
}
