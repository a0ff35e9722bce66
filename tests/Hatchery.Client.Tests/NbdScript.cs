using System.Net.Sockets;
using System.Text;
using Hatchery.Wire;
using Hatchery.Wire.Nbd;

namespace Hatchery.Client.Tests;

/// <summary>What an NBD server says, step by step, on a connection of a <see cref="ScriptedServer"/>.</summary>
internal sealed class NbdScript(NetworkStream stream, CancellationToken cancellation)
{
    public const long DiskBytes = 16 << 20;
    public const NbdTransmissionFlags DiskFlags =
        NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.SendFlush | NbdTransmissionFlags.SendFua;

    /// <summary>A server with the disk, which then does as it is told.</summary>
    public static ScriptedServer Having(Func<NbdScript, Task> serve) =>
        new(
            async (stream, cancellation) =>
            {
                var script = new NbdScript(stream, cancellation);
                await script.GreetAsync();
                await script.GrantAsync();
                await serve(script);
            }
        );

    /// <summary>A server that answers the n-th login, from 1, as it is told; a connection that asks for nothing is none.</summary>
    public static ScriptedServer Answering(Func<NbdScript, int, Task> answer)
    {
        var asked = 0;
        return new(
            async (stream, cancellation) =>
            {
                var script = new NbdScript(stream, cancellation);
                await script.GreetAsync();
                await answer(script, Interlocked.Increment(ref asked));
                await stream.CopyToAsync(Stream.Null, cancellation);
            }
        );
    }

    /// <summary>The greeting, up to the client's request for the disk. A probe ends here.</summary>
    public async Task GreetAsync()
    {
        await SendAsync(new NbdGreeting(NbdHandshakeFlags.FixedNewstyle | NbdHandshakeFlags.NoZeroes));
        await ReceiveAsync(NbdClientHello.SizeBytes);
        NbdOptionHeader.TryRead(await ReceiveAsync(NbdOptionHeader.SizeBytes), out var option);
        await ReceiveAsync((int)option.LengthBytes);
    }

    public async Task GrantAsync(long diskBytes = DiskBytes, NbdTransmissionFlags flags = DiskFlags)
    {
        var export = new byte[NbdInfoExport.SizeBytes];
        new NbdInfoExport((ulong)diskBytes, flags).Write(export);
        await AnswerAsync(NbdOptionReplyType.Info, export);
        await AnswerAsync(NbdOptionReplyType.Ack, []);
    }

    public Task RefuseAsync(NbdOptionReplyType type, string reason) =>
        AnswerAsync(type, Encoding.UTF8.GetBytes(reason));

    public async Task<(NbdRequest Request, byte[] Data)> NextAsync()
    {
        if (!NbdRequest.TryRead(await ReceiveAsync(NbdRequest.SizeBytes), out var request))
            throw new InvalidOperationException("what came is no request");
        return (request, request.Command == NbdCommand.Write ? await ReceiveAsync((int)request.LengthBytes) : []);
    }

    public async Task ReplyAsync(ulong cookie, NbdError error = NbdError.None, byte[]? data = null)
    {
        var bytes = new byte[NbdSimpleReply.SizeBytes];
        new NbdSimpleReply(error, cookie).Write(bytes);
        await SendAsync([.. bytes, .. data ?? []]);
    }

    /// <summary>Answers all that comes, reads with this byte, until the client leaves.</summary>
    public async Task ServeAsync(byte read = 0)
    {
        while (true)
        {
            var (request, _) = await NextAsync();
            var data = new byte[request.Command == NbdCommand.Read ? request.LengthBytes : 0];
            Array.Fill(data, read);
            await ReplyAsync(request.Cookie, data: data);
        }
    }

    public async Task SendAsync(byte[] bytes) => await stream.WriteAsync(bytes, cancellation);

    private async Task AnswerAsync(NbdOptionReplyType type, byte[] body)
    {
        var header = new byte[NbdOptionReplyHeader.SizeBytes];
        new NbdOptionReplyHeader(NbdOption.Go, type, (uint)body.Length).Write(header);
        await SendAsync([.. header, .. body]);
    }

    private async Task SendAsync<T>(T element)
        where T : struct, IFixedWire<T>
    {
        var bytes = new byte[T.SizeBytes];
        element.Write(bytes);
        await SendAsync(bytes);
    }

    private async Task<byte[]> ReceiveAsync(int bytes)
    {
        var data = new byte[bytes];
        await stream.ReadExactlyAsync(data, cancellation);
        return data;
    }
}
