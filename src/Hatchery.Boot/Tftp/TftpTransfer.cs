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
    /// <summary>Firmware does so before it fetches a file.</summary>
    public const string OnlyAsked = "it only asked for the size";

    private const int LongestReplyBytes = 1024;
    private readonly TftpWindow _window = new(content.LengthBytes, negotiation.BlockBytes, negotiation.WindowBlocks);

    /// <summary>Called when the client has proved that it is where its request said.</summary>
    public Action? Answered { get; init; }

    /// <summary>Null when the client has the whole file, otherwise why it has not.</summary>
    public async Task<string?> RunAsync(CancellationToken stop)
    {
        using var patience = new TftpPatience(negotiation.RetryAfter, time, stop);
        var block = ArrayPool<byte>.Shared.Rent(TftpDataHeader.Bytes + negotiation.BlockBytes);
        var reply = ArrayPool<byte>.Shared.Rent(LongestReplyBytes);
        try
        {
            if (!negotiation.Answer.IsEmpty && await OfferOptionsAsync(reply, patience, stop) is { } refused)
                return refused;
            return await SendFileAsync(block, reply, patience, stop);
        }
        catch (SocketException e)
        {
            if (e.SocketErrorCode != SocketError.ConnectionRefused)
                return e.Message;
            return HasAll(reply) ? null : "nobody listens any more";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
            ArrayPool<byte>.Shared.Return(reply);
        }
    }

    /// <summary>A client that has the whole file is gone at once: what we repeated meanwhile finds nobody, before we read its last word.</summary>
    private bool HasAll(byte[] reply)
    {
        while (!_window.IsComplete && socket.Available > 0)
        {
            var bytes = socket.Receive(reply, 0, reply.Length, SocketFlags.None, out var failed);
            if (failed != SocketError.Success)
                continue;
            if (TftpPacket.TryRead(reply.AsSpan(0, bytes), out var packet) && packet is TftpPacket.Acknowledgement last)
                _window.Acknowledge(last.Block);
        }
        return _window.IsComplete;
    }

    private async Task<string?> OfferOptionsAsync(byte[] reply, TftpPatience patience, CancellationToken stop)
    {
        var offer = new ArrayBufferWriter<byte>(64);
        new TftpPacket.OptionAcknowledgement(negotiation.Answer).Write(offer);
        for (var tries = 0; tries < maxTries; tries++)
        {
            await socket.SendAsync(offer.WrittenMemory, SocketFlags.None, stop);
            var answer = await HearAsync(
                reply,
                packet => packet is TftpPacket.Acknowledgement { Block: 0 },
                patience,
                stop
            );
            if (answer is TftpPacket.Error error)
                return Said(error);
            if (answer is not null)
                return null;
        }
        return "no answer";
    }

    private async Task<string?> SendFileAsync(byte[] block, byte[] reply, TftpPatience patience, CancellationToken stop)
    {
        var silences = 0;
        var advances = (TftpPacket packet) =>
            packet is TftpPacket.Acknowledgement a && (_window.Acknowledge(a.Block) || _window.IsComplete);
        while (!_window.IsComplete)
        {
            if (silences == maxTries)
                return "no answer";
            var acknowledged = _window.Acknowledged;
            for (var number = _window.First; number <= _window.Last; number++)
                await SendBlockAsync(number, block, stop);
            var answer = await HearAsync(reply, advances, patience, stop);
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
        Func<TftpPacket, bool> counts,
        TftpPatience patience,
        CancellationToken stop
    )
    {
        var limit = patience.Begin();
        try
        {
            while (true)
            {
                var bytes = await socket.ReceiveAsync(reply, SocketFlags.None, limit);
                if (!TftpPacket.TryRead(reply.AsSpan(0, bytes), out var packet))
                    continue;
                if (packet is not TftpPacket.Error && !counts(packet))
                    continue;
                Answered?.Invoke();
                return packet;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string Said(TftpPacket.Error error) =>
        error.Code == TftpErrorCode.OptionsRefused ? OnlyAsked : $"error {(int)error.Code}, {Printable(error.Message)}";

    private static string Printable(string text) =>
        string.Concat(text.Take(80).Select(c => char.IsControl(c) || c > 126 ? '?' : c));
}
