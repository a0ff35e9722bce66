using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;
using Hatchery.Wire.Tftp;

namespace Hatchery.Boot.Tests.Tftp;

/// <summary>A TFTP client (RFC 1350, 2347, 7440) over a network that loses packets in both directions, as the seed says.</summary>
internal sealed class LossyTftpClient(Socket socket, double loss, Random random, IPAddress server) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(200);
    private long _saidAt;
    private readonly byte[] _buffer = new byte[70_000];
    private EndPoint _server = new IPEndPoint(server, 69);

    /// <param name="server">Null: on the loopback.</param>
    public static LossyTftpClient In(NetNamespace inside, double loss, Random random, IPAddress? server = null) =>
        new(
            inside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)),
            loss,
            random,
            server ?? IPAddress.Loopback
        );

    public async Task<byte[]> FetchAsync(string name, TftpOptions options, CancellationToken cancellation)
    {
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        var (file, blockBytes, windowBlocks) = (new ArrayBufferWriter<byte>(), 512, 1);
        var (have, inWindow, begun) = (0L, 0, false);
        await SendAsync(new TftpPacket.ReadRequest(name, "octet", options));
        while (true)
        {
            var packet = await HearAsync(cancellation);
            if (packet is TftpPacket.Error error)
                throw new IOException(error.Message);
            if (packet is TftpPacket.OptionAcknowledgement granted)
            {
                (blockBytes, windowBlocks) = (granted.Options.BlockSize ?? 512, granted.Options.WindowSize ?? 1);
                (begun, packet) = (true, null);
            }
            if (packet is not TftpPacket.Data data)
            {
                // Silence, or the options: say what we have, or ask again.
                inWindow = 0;
                await SendAsync(
                    begun
                        ? new TftpPacket.Acknowledgement((ushort)have)
                        : new TftpPacket.ReadRequest(name, "octet", options)
                );
                continue;
            }
            begun = true;
            if (data.Block != (ushort)(have + 1))
            {
                // Once for the rest of a window in which one was lost, and again when the server sends again.
                if (inWindow >= 0 || Stopwatch.GetElapsedTime(_saidAt) > s_again)
                    await SendAsync(new TftpPacket.Acknowledgement((ushort)have));
                inWindow = -1;
                continue;
            }
            have++;
            inWindow = Math.Max(0, inWindow) + 1;
            file.Write(data.Payload.Span);
            if (data.Payload.Length < blockBytes)
            {
                await SendAsync(new TftpPacket.Acknowledgement((ushort)have), isSure: true);
                return file.WrittenSpan.ToArray();
            }
            if (inWindow >= windowBlocks)
            {
                inWindow = 0;
                await SendAsync(new TftpPacket.Acknowledgement((ushort)have));
            }
        }
    }

    public void Dispose() => socket.Dispose();

    private async Task SendAsync(TftpPacket packet, bool isSure = false)
    {
        _saidAt = Stopwatch.GetTimestamp();
        if (!isSure && random.NextDouble() < loss)
            return;
        var buffer = new ArrayBufferWriter<byte>();
        packet.Write(buffer);
        await socket.SendToAsync(buffer.WrittenMemory, _server);
    }

    /// <summary>Null after a silence.</summary>
    private async Task<TftpPacket?> HearAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_patience);
        try
        {
            while (true)
            {
                var received = await socket.ReceiveFromAsync(_buffer, new IPEndPoint(IPAddress.Any, 0), limit.Token);
                if (
                    random.NextDouble() < loss
                    || !TftpPacket.TryRead(_buffer.AsSpan(0, received.ReceivedBytes), out var packet)
                )
                    continue;
                _server = received.RemoteEndPoint;
                return packet;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
