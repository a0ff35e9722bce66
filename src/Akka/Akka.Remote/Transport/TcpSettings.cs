using System.Net;
using System.Net.Sockets;
using Akka.Configuration;

namespace Akka.Remote.Transport;

/// <summary>What the TCP transport reads of its section.</summary>
internal sealed class TcpSettings
{
    private const int LargestFrame = 1 << 28;

    /// <param name="section">The path of the section, for messages.</param>
    /// <param name="config">The section.</param>
    /// <param name="remote">The section <c>akka.remote</c>.</param>
    /// <exception cref="ConfigurationException">A value is out of its range.</exception>
    public TcpSettings(string section, Config config, Config remote)
    {
        var host = config.GetString("hostname", "");
        Hostname = host.Length == 0 ? IPAddress.Any.ToString() : host;
        PublicHostname = config.GetString("public-hostname", "") is { Length: > 0 } other ? other : Hostname;
        Port = InRange(section, config, "port", 0, IPEndPoint.MaxPort);
        PublicPort = InRange(section, config, "public-port", 0, IPEndPoint.MaxPort);
        Backlog = InRange(section, config, "backlog", 1, int.MaxValue);
        MaximumFrameSizeBytes = Size(section, config, "maximum-frame-size", 32_000, LargestFrame);
        SendBufferSizeBytes = Size(section, config, "send-buffer-size", 1, int.MaxValue);
        ReceiveBufferSizeBytes = Size(section, config, "receive-buffer-size", 1, int.MaxValue);
        ConnectionTimeout = config.GetTimeSpan("connection-timeout");
        NoDelay = config.GetBoolean("tcp-nodelay");
        KeepAlive = config.GetBoolean("tcp-keepalive");
        PrefersIpV6 = config.GetBoolean("dns-use-ipv6");
        EnableSsl = config.GetBoolean("enable-ssl");
        Protocol = (EnableSsl ? "ssl." : "") + config.GetString("transport-protocol", "tcp");
        HeartbeatInterval = remote.GetTimeSpan("transport-failure-detector.heartbeat-interval");
        AcceptableSilence =
            HeartbeatInterval + remote.GetTimeSpan("transport-failure-detector.acceptable-heartbeat-pause");
    }

    public string Hostname { get; }

    public string PublicHostname { get; }

    public int Port { get; }

    public int PublicPort { get; }

    public int Backlog { get; }

    public int MaximumFrameSizeBytes { get; }

    public int SendBufferSizeBytes { get; }

    public int ReceiveBufferSizeBytes { get; }

    public TimeSpan ConnectionTimeout { get; }

    public bool NoDelay { get; }

    public bool KeepAlive { get; }

    public bool PrefersIpV6 { get; }

    public bool EnableSsl { get; }

    public string Protocol { get; }

    public TimeSpan HeartbeatInterval { get; }

    public TimeSpan AcceptableSilence { get; }

    /// <summary>The address of a host by number or name; of a name with several, one of the preferred family first.</summary>
    public IPAddress Resolve(string host)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return address;
        var family = PrefersIpV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var all = Dns.GetHostAddresses(host);
        return Array.Find(all, one => one.AddressFamily == family)
            ?? all.FirstOrDefault()
            ?? throw new SocketException((int)SocketError.HostNotFound);
    }

    public void Apply(Socket socket)
    {
        socket.NoDelay = NoDelay;
        socket.SendBufferSize = SendBufferSizeBytes;
        socket.ReceiveBufferSize = ReceiveBufferSizeBytes;
        if (KeepAlive)
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }

    private static int InRange(string section, Config config, string key, int least, int most)
    {
        var number = config.GetInt(key);
        return number >= least && number <= most
            ? number
            : throw new ConfigurationException($"{section}.{key}: {number} is not between {least} and {most}");
    }

    private static int Size(string section, Config config, string key, int least, int most) =>
        config.GetByteSize(key) is { } bytes && bytes >= least && bytes <= most
            ? (int)bytes
            : throw new ConfigurationException($"{section}.{key} is not between {least} and {most} bytes");
}
