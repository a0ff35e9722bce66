using System.Net.Sockets;
using Hatchery.Wire;
using Hatchery.Wire.Nbd;

namespace EndToEnd;

/// <summary>A disk by NBD.</summary>
internal sealed class NbdCrowdDisk : ICrowdDisk
{
    private readonly NetworkStream _stream;
    private ulong _cookie;

    private NbdCrowdDisk(NetworkStream stream) => _stream = stream;

    /// <exception cref="IOException">The server refuses.</exception>
    public static async Task<NbdCrowdDisk> LogInAsync(
        NetworkStream stream,
        string export,
        CancellationToken cancellation
    )
    {
        var disk = new NbdCrowdDisk(stream);
        try
        {
            await disk.ReadAsync<NbdGreeting>(cancellation);
            await disk.SendAsync(
                new NbdClientHello(NbdClientFlags.FixedNewstyle | NbdClientFlags.NoZeroes),
                cancellation
            );
            var go = new NbdInfoRequest(export, []).ToBytes();
            await disk.SendAsync(new NbdOptionHeader(NbdOption.Go, (uint)go.Length), cancellation);
            await stream.WriteAsync(go, cancellation);
            while (true)
            {
                var reply = await disk.ReadAsync<NbdOptionReplyHeader>(cancellation);
                var body = new byte[reply.LengthBytes];
                await stream.ReadExactlyAsync(body, cancellation);
                if (reply.Type == NbdOptionReplyType.Ack)
                    return disk;
                if (reply.Type != NbdOptionReplyType.Info)
                    throw new IOException($"{reply.Type}: {System.Text.Encoding.UTF8.GetString(body)}");
            }
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    public async Task ReadAsync(long offset, Memory<byte> into, CancellationToken cancellation)
    {
        await RequestAsync(NbdCommand.Read, offset, into.Length, cancellation);
        await ReplyAsync(cancellation);
        await _stream.ReadExactlyAsync(into, cancellation);
    }

    public async Task WriteAsync(long offset, ReadOnlyMemory<byte> from, CancellationToken cancellation)
    {
        await RequestAsync(NbdCommand.Write, offset, from.Length, cancellation);
        await _stream.WriteAsync(from, cancellation);
        await ReplyAsync(cancellation);
    }

    public async Task FlushAsync(CancellationToken cancellation)
    {
        await RequestAsync(NbdCommand.Flush, 0, 0, cancellation);
        await ReplyAsync(cancellation);
    }

    public Task UntilHeardAsync(CancellationToken cancellation) =>
        _stream.ReadAsync(Memory<byte>.Empty, cancellation).AsTask();

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private Task RequestAsync(NbdCommand command, long offset, int length, CancellationToken cancellation) =>
        SendAsync(new NbdRequest(NbdCommandFlags.None, command, ++_cookie, (ulong)offset, (uint)length), cancellation);

    private async Task ReplyAsync(CancellationToken cancellation)
    {
        var reply = await ReadAsync<NbdSimpleReply>(cancellation);
        if (reply.Cookie != _cookie)
            throw new IOException($"{reply} came instead of an answer to {_cookie}");
        if (reply.Error != NbdError.None)
            throw new RequestFailedException($"{reply.Error}");
    }

    private async Task SendAsync<T>(T element, CancellationToken cancellation)
        where T : struct, IFixedWire<T>
    {
        var bytes = new byte[T.SizeBytes];
        element.Write(bytes);
        await _stream.WriteAsync(bytes, cancellation);
    }

    private async Task<T> ReadAsync<T>(CancellationToken cancellation)
        where T : struct, IFixedWire<T>
    {
        var bytes = new byte[T.SizeBytes];
        await _stream.ReadExactlyAsync(bytes, cancellation);
        return T.TryRead(bytes, out var element) ? element : throw new IOException($"no {typeof(T).Name} came");
    }
}
