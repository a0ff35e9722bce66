using System.Buffers;
using System.Net.Sockets;
using Hatchery.Boot.Files;
using Hatchery.Wire.Tftp;

namespace Hatchery.Boot.Tftp;

/// <summary>One file on its way to one client, over a socket of its own that is connected to the client.</summary>
internal sealed class TftpTransfer(
    Socket socket,
    BootContent content,
    TftpNegotiation negotiation,
    int maxTries,
    TimeProvider time
)
{
    private const int LongestReplyBytes = 1024;
    private readonly TftpWindow _window = new(content.LengthBytes, negotiation.BlockBytes, negotiation.WindowBlocks);

    /// <summary>Null when the client has the whole file, otherwise why it has not.</summary>
    public async Task<string?> RunAsync(CancellationToken stop)
    {
        var block = ArrayPool<byte>.Shared.Rent(TftpDataHeader.Bytes + negotiation.BlockBytes);
        var reply = ArrayPool<byte>.Shared.Rent(LongestReplyBytes);
        try
        {
            if (!negotiation.Answer.IsEmpty && await OfferOptionsAsync(reply, stop) is { } refused)
                return refused;
            return await SendFileAsync(block, reply, stop);
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused ? "nobody listens any more" : e.Message;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
            ArrayPool<byte>.Shared.Return(reply);
        }
    }

    private async Task<string?> OfferOptionsAsync(byte[] reply, CancellationToken stop)
    {
        var offer = new ArrayBufferWriter<byte>(64);
        new TftpPacket.OptionAcknowledgement(negotiation.Answer).Write(offer);
        for (var tries = 0; tries < maxTries; tries++)
        {
            await socket.SendAsync(offer.WrittenMemory, SocketFlags.None, stop);
            var answer = await HearAsync(
                reply,
                time.GetTimestamp(),
                packet => packet is TftpPacket.Acknowledgement { Block: 0 },
                stop
            );
            if (answer is TftpPacket.Error error)
                return Said(error);
            if (answer is not null)
                return null;
        }
        return "no answer";
    }

    private async Task<string?> SendFileAsync(byte[] block, byte[] reply, CancellationToken stop)
    {
        var silences = 0;
        while (!_window.IsComplete)
        {
            if (silences == maxTries)
                return "no answer";
            var acknowledged = _window.Acknowledged;
            for (var number = _window.First; number <= _window.Last; number++)
                await SendBlockAsync(number, block, stop);
            var answer = await HearAsync(
                reply,
                time.GetTimestamp(),
                packet =>
                    packet is TftpPacket.Acknowledgement a && (_window.Acknowledge(a.Block) || _window.IsComplete),
                stop
            );
            if (answer is TftpPacket.Error error)
                return Said(error);
            silences = _window.Acknowledged > acknowledged ? 0 : silences + 1;
        }
        return null;
    }

    private async ValueTask SendBlockAsync(long number, byte[] block, CancellationToken stop)
    {
        var bytes = _window.BytesOf(number);
        TftpDataHeader.Write(block, (ushort)number);
        var payload = block.AsMemory(TftpDataHeader.Bytes, bytes);
        for (var read = 0; read < bytes; )
        {
            var more = RandomAccess.Read(content.Handle, payload.Span[read..], _window.OffsetOf(number) + read);
            if (more == 0)
                throw new EndOfStreamException($"{content.Name} became shorter while it was sent");
            read += more;
        }
        await socket.SendAsync(block.AsMemory(0, TftpDataHeader.Bytes + bytes), SocketFlags.None, stop);
    }

    /// <summary>The first packet that counts, or an error; null when the time is over.</summary>
    private async ValueTask<TftpPacket?> HearAsync(
        byte[] reply,
        long since,
        Func<TftpPacket, bool> counts,
        CancellationToken stop
    )
    {
        using var expiry = new CancellationTokenSource(negotiation.RetryAfter, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, expiry.Token);
        try
        {
            while (time.GetElapsedTime(since) < negotiation.RetryAfter)
            {
                var bytes = await socket.ReceiveAsync(reply, SocketFlags.None, either.Token);
                if (!TftpPacket.TryRead(reply.AsSpan(0, bytes), out var packet))
                    continue;
                if (packet is TftpPacket.Error || counts(packet))
                    return packet;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
        return null;
    }

    private static string Said(TftpPacket.Error error) =>
        error.Code == TftpErrorCode.OptionsRefused
            ? "it only asked for the size"
            : $"error {(int)error.Code}, {Printable(error.Message)}";

    private static string Printable(string text) =>
        string.Concat(text.Take(80).Select(c => char.IsControl(c) || c > 126 ? '?' : c));
}
