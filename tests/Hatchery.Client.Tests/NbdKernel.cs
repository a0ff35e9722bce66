using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Hatchery.Wire.Nbd;

namespace Hatchery.Client.Tests;

/// <summary>The kernel's side of an NBD device: any number of requests under way, answered in any order.</summary>
internal sealed class NbdKernel : IRemoteDisk
{
    private const int GreetingBytes = 152;
    private const int SizeAt = 16;

    private readonly NetworkStream _stream;
    private readonly Dictionary<ulong, int> _reads = [];
    private ulong _cookie;

    private NbdKernel(NetworkStream stream, long lengthBytes) => (_stream, LengthBytes) = (stream, lengthBytes);

    public long LengthBytes { get; }

    public static async Task<IRemoteDisk> ConnectAsync(EndPoint device, CancellationToken cancellation) =>
        await AttachAsync(device, cancellation);

    public static async Task<NbdKernel> AttachAsync(EndPoint device, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(device, cancellation);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var greeting = new byte[GreetingBytes];
        await stream.ReadExactlyAsync(greeting, cancellation);
        return new(stream, BinaryPrimitives.ReadInt64BigEndian(greeting.AsSpan(SizeAt)));
    }

    /// <summary>Returns the request's cookie.</summary>
    public async Task<ulong> SendAsync(
        NbdCommand command,
        long offset,
        int lengthBytes,
        byte[]? data,
        CancellationToken cancellation
    )
    {
        var bytes = new byte[NbdRequest.SizeBytes + (data?.Length ?? 0)];
        new NbdRequest(NbdCommandFlags.None, command, ++_cookie, (ulong)offset, (uint)lengthBytes).Write(bytes);
        data?.CopyTo(bytes, NbdRequest.SizeBytes);
        if (command == NbdCommand.Read)
            _reads[_cookie] = lengthBytes;
        await _stream.WriteAsync(bytes, cancellation);
        return _cookie;
    }

    /// <summary>The next reply, to whichever request.</summary>
    public async Task<(ulong Cookie, NbdError Error, byte[] Data)> ReceiveAsync(CancellationToken cancellation)
    {
        var header = new byte[NbdSimpleReply.SizeBytes];
        await _stream.ReadExactlyAsync(header, cancellation);
        if (!NbdSimpleReply.TryRead(header, out var reply))
            throw new InvalidOperationException("what came is no reply");
        var isRead = _reads.Remove(reply.Cookie, out var lengthBytes) && reply.Error == NbdError.None;
        var data = new byte[isRead ? lengthBytes : 0];
        await _stream.ReadExactlyAsync(data, cancellation);
        return (reply.Cookie, reply.Error, data);
    }

    public async Task WriteAsync(long offset, byte[] data, CancellationToken cancellation) =>
        await DoAsync(NbdCommand.Write, offset, data.Length, data, cancellation);

    public async Task FlushAsync(CancellationToken cancellation) =>
        await DoAsync(NbdCommand.Flush, 0, 0, null, cancellation);

    public Task<byte[]> ReadAsync(long offset, int lengthBytes, CancellationToken cancellation) =>
        DoAsync(NbdCommand.Read, offset, lengthBytes, null, cancellation);

    public void Dispose() => _stream.Dispose();

    private async Task<byte[]> DoAsync(
        NbdCommand command,
        long offset,
        int lengthBytes,
        byte[]? data,
        CancellationToken cancellation
    )
    {
        var cookie = await SendAsync(command, offset, lengthBytes, data, cancellation);
        var reply = await ReceiveAsync(cancellation);
        Assert.Equal((cookie, NbdError.None), (reply.Cookie, reply.Error));
        return reply.Data;
    }
}
