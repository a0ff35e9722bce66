using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hatchery.Wire.Tftp;

namespace EndToEnd;

/// <summary>How a machine of a <see cref="CrowdNetwork"/> fetches files, as firmware does: one block or one request at a time.</summary>
internal static class CrowdFiles
{
    private const int TftpPort = 69;

    /// <summary>What iPXE and PXE ROMs ask for: a block fits a frame.</summary>
    private const int BlockBytes = 1432;

    private const int HeadBytesMax = 4096;
    private const int TftpTries = 8;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>RFC 1350 with a block size. Returns how many bytes came.</summary>
    public static async Task<long> TftpAsync(
        CrowdNetwork network,
        IPAddress machine,
        IPAddress server,
        string file,
        CancellationToken cancellation
    )
    {
        using var socket = network.Open(machine, SocketType.Dgram, ProtocolType.Udp);
        var buffer = new byte[BlockBytes + 4];
        EndPoint peer = new IPEndPoint(server, TftpPort);
        TftpPacket last = new TftpPacket.ReadRequest(file, "octet", new(BlockBytes));
        var (blocks, total, tries) = (0L, 0L, 0);
        while (true)
        {
            var bytes = new ArrayBufferWriter<byte>(64);
            last.Write(bytes);
            await socket.SendToAsync(bytes.WrittenMemory, peer, cancellation);
            if (await HearAsync() is not { } packet)
            {
                if (++tries == TftpTries)
                    throw new TimeoutException($"{file} does not come by TFTP: block {blocks}");
                continue;
            }
            switch (packet)
            {
                case TftpPacket.OptionAcknowledgement:
                    last = new TftpPacket.Acknowledgement(0);
                    break;
                case TftpPacket.Data data when data.Block == (ushort)(blocks + 1):
                    (blocks, total, tries) = (blocks + 1, total + data.Payload.Length, 0);
                    last = new TftpPacket.Acknowledgement(data.Block);
                    if (data.Payload.Length == BlockBytes)
                        break;
                    bytes.ResetWrittenCount();
                    last.Write(bytes);
                    await socket.SendToAsync(bytes.WrittenMemory, peer, cancellation);
                    return total;
                case TftpPacket.Error error:
                    throw new IOException($"{file}: {error.Message}");
            }
        }

        async Task<TftpPacket?> HearAsync()
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(s_patience);
            try
            {
                var heard = await socket.ReceiveFromAsync(buffer, SocketFlags.None, peer, patience.Token);
                peer = heard.RemoteEndPoint;
                return TftpPacket.TryRead(buffer.AsSpan(0, heard.ReceivedBytes), out var packet) ? packet : null;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    /// <summary>A file by HTTP/1.1 on a connection of its own.</summary>
    /// <param name="keeps">Whether its content is wanted: a script is, a kernel is only counted.</param>
    public static async Task<(long Bytes, string Text)> HttpAsync(
        CrowdNetwork network,
        IPAddress machine,
        Uri url,
        bool keeps,
        CancellationToken cancellation
    )
    {
        await using var stream = await network.ConnectAsync(
            machine,
            new(IPAddress.Parse(url.Host), url.Port),
            cancellation
        );
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: close\r\n\r\n"
            ),
            cancellation
        );
        var buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            var (have, end) = (0, -1);
            while (end < 0)
            {
                var got = await stream.ReadAsync(buffer.AsMemory(have, HeadBytesMax - have), cancellation);
                if (got == 0)
                    throw new IOException($"{url}: closed without an answer");
                have += got;
                end = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8);
            }
            var head = Encoding.ASCII.GetString(buffer, 0, end);
            if (!head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                throw new IOException($"{url}: {head.Split('\r')[0]}");
            var length = long.Parse(
                head.Split("\r\n")
                    .Single(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                    .Split(':')[1],
                CultureInfo.InvariantCulture
            );
            var body = new ArrayBufferWriter<byte>();
            body.Write(buffer.AsSpan(end + 4, have - end - 4));
            var came = (long)body.WrittenCount;
            while (came < length)
            {
                var got = await stream.ReadAsync(buffer, cancellation);
                if (got == 0)
                    throw new IOException($"{url}: closed after {came} of {length} bytes");
                came += got;
                if (keeps)
                    body.Write(buffer.AsSpan(0, got));
            }
            return (came, keeps ? Encoding.UTF8.GetString(body.WrittenSpan) : "");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
