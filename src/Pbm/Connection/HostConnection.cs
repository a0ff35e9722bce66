using System.Net.Sockets;
using System.Text.Json;
using Petabridge.Cmd.Protocol;

namespace Pbm;

/// <summary>A connection to one host, with the palettes that it sent.</summary>
internal sealed class HostConnection : IAsyncDisposable
{
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(10);

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private Task<byte[]?>? _reading;
    private int _lastId;

    private HostConnection(TcpClient client, IReadOnlyList<PaletteShape> palettes)
    {
        (_client, _stream, Palettes) = (client, client.GetStream(), palettes);
    }

    public IReadOnlyList<PaletteShape> Palettes { get; }

    /// <exception cref="IOException">Nobody listens there, or what listens is no pbm host.</exception>
    public static Task<HostConnection> OpenAsync(string host, int port) => OpenAsync(new TcpClient(), host, port);

    /// <summary>The same by a client that is not connected yet, and is this connection's from now on.</summary>
    /// <exception cref="IOException">Nobody listens there, or what listens is no pbm host.</exception>
    public static async Task<HostConnection> OpenAsync(TcpClient client, string host, int port)
    {
        try
        {
            using var limit = new CancellationTokenSource(s_connectLimit);
            await client.ConnectAsync(host, port, limit.Token);
            client.NoDelay = true;
            var first = await Frame.ReadAsync(client.GetStream(), Frame.AnswerLengthMax, limit.Token);
            if (first is null || PbmJson.Read(first, PbmJson.Default.PbmReply) is not { Palettes: { } palettes })
                throw new IOException("whoever listens there is no pbm host");
            return new(client, palettes);
        }
        catch (Exception unreachable) when (unreachable is SocketException or OperationCanceledException or IOException)
        {
            client.Dispose();
            var why = unreachable is OperationCanceledException ? "no answer" : unreachable.Message;
            throw new IOException($"cannot connect to {host}:{port}: {why}", unreachable);
        }
        catch (InvalidDataException garbage)
        {
            client.Dispose();
            throw new IOException($"cannot connect to {host}:{port}: whoever listens there is no pbm host", garbage);
        }
    }

    /// <summary>Runs one command; each part of its answer goes to <paramref name="onPart"/>. Cancelling ends it at the host too.</summary>
    /// <returns>The outcome: <see cref="AnswerPart.Done"/>, Failed or Usage.</returns>
    /// <exception cref="HostLostException">The connection is lost.</exception>
    public async Task<string> RunAsync(
        IReadOnlyList<string> words,
        Action<AnswerPart> onPart,
        CancellationToken cancellation
    )
    {
        var id = ++_lastId;
        await SendAsync(new(Run: new(id, words)));
        while (true)
        {
            byte[] body;
            try
            {
                body = await ReceiveAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                await SendAsync(new(Cancel: id));
                return AnswerPart.Done;
            }
            if (PbmJson.Read(body, PbmJson.Default.PbmReply) is not { Answer: { } part } || part.Id != id)
                continue;
            onPart(part);
            if (part.Outcome != AnswerPart.More)
                return part.Outcome;
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte[]> ReceiveAsync(CancellationToken cancellation)
    {
        // A read that a cancelled command left behind is the next command's first.
        var reading = _reading ??= Frame.ReadAsync(_stream, Frame.AnswerLengthMax, CancellationToken.None);
        try
        {
            var body = await reading.WaitAsync(cancellation);
            _reading = null;
            return body ?? throw new HostLostException("connection to host terminated.", null);
        }
        catch (Exception lost) when (lost is (IOException or InvalidDataException) and not HostLostException)
        {
            throw new HostLostException($"connection to host terminated: {lost.Message}", lost);
        }
    }

    private async Task SendAsync(PbmRequest request)
    {
        try
        {
            await Frame.WriteAsync(
                _stream,
                JsonSerializer.SerializeToUtf8Bytes(request, PbmJson.Default.PbmRequest),
                CancellationToken.None
            );
        }
        catch (IOException lost)
        {
            throw new HostLostException($"connection to host terminated: {lost.Message}", lost);
        }
    }
}
