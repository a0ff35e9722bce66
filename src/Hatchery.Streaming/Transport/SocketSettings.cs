using System.Net.Sockets;

namespace Hatchery.Streaming.Transport;

internal static class SocketSettings
{
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;
    private const int KeepAliveIntervalSeconds = 5;

    /// <summary>Replies leave at once, and a peer that vanished without a word is noticed by TCP within about the time-out.</summary>
    public static void Apply(Socket socket, TimeSpan userTimeout)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
        var idleSeconds = Math.Max(1, (int)userTimeout.TotalSeconds / 2);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, idleSeconds);
        socket.SetSocketOption(
            SocketOptionLevel.Tcp,
            SocketOptionName.TcpKeepAliveInterval,
            Math.Min(idleSeconds, KeepAliveIntervalSeconds)
        );
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption(
                TcpLevel,
                TcpUserTimeout,
                BitConverter.GetBytes((int)userTimeout.TotalMilliseconds)
            );
    }
}
