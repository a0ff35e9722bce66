using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Hatchery.Wire;
using Hatchery.Wire.Nbd;

namespace Hatchery.Streaming.Tests.Nbd;

/// <summary>An NBD client that sends what a test tells it, one element at a time.</summary>
internal sealed class NbdTestClient : IDisposable
{
    private readonly TcpClient _tcp = new();

    public NetworkStream Stream => _tcp.GetStream();

    public static async Task<NbdTestClient> ConnectAsync(Rig rig, string? export = null)
    {
        var client = new NbdTestClient();
        await client._tcp.ConnectAsync(IPAddress.Loopback, rig.Nbd.BoundEndPoint!.Port);
        await client.ReadAsync<NbdGreeting>();
        await client.SendAsync(new NbdClientHello(NbdClientFlags.FixedNewstyle | NbdClientFlags.NoZeroes));
        if (export is null)
            return client;
        await client.OptionAsync(NbdOption.Go, new NbdInfoRequest(export, []).ToBytes());
        while ((await client.OptionReplyAsync()).Type != NbdOptionReplyType.Ack) { }
        return client;
    }

    public async Task OptionAsync(NbdOption option, byte[] body)
    {
        await SendAsync(new NbdOptionHeader(option, (uint)body.Length));
        await Stream.WriteAsync(body);
    }

    public async Task<NbdOptionReplyHeader> OptionReplyAsync()
    {
        var header = await ReadAsync<NbdOptionReplyHeader>();
        await ReadBytesAsync((int)header.LengthBytes);
        return header;
    }

    public async Task RequestAsync(
        NbdCommand command,
        ulong cookie,
        ulong offset = 0,
        uint length = 0,
        byte[]? data = null
    )
    {
        await SendAsync(new NbdRequest(NbdCommandFlags.None, command, cookie, offset, length));
        if (data is not null)
            await Stream.WriteAsync(data);
    }

    public Task<NbdSimpleReply> ReplyAsync() => ReadAsync<NbdSimpleReply>();

    public async Task SendAsync<T>(T element)
        where T : struct, IFixedWire<T>
    {
        var bytes = new byte[T.SizeBytes];
        element.Write(bytes);
        await Stream.WriteAsync(bytes);
    }

    public async Task<T> ReadAsync<T>()
        where T : struct, IFixedWire<T>
    {
        Assert.True(T.TryRead(await ReadBytesAsync(T.SizeBytes), out var element));
        return element;
    }

    public async Task<byte[]> ReadBytesAsync(int count)
    {
        var bytes = new byte[count];
        await Stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        return bytes;
    }

    /// <summary>Whether the server has closed, after whatever else it sent.</summary>
    public async Task<bool> IsClosedAsync()
    {
        var rest = new byte[4096];
        try
        {
            while (await Stream.ReadAsync(rest).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) > 0) { }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
        return true;
    }

    public void Dispose() => _tcp.Dispose();
}
