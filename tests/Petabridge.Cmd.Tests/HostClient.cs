using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Petabridge.Cmd.Protocol;

namespace Petabridge.Cmd.Tests;

/// <summary>The other end of the wire, as bare as it can be.</summary>
internal sealed class HostClient : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly TcpClient _client;
    private int _lastId;

    private HostClient(TcpClient client) => _client = client;

    public IReadOnlyList<PaletteShape> Palettes { get; private set; } = [];

    public Stream Stream => _client.GetStream();

    /// <exception cref="IOException">The host turns this client away.</exception>
    public static async Task<HostClient> ConnectAsync(int port, IPAddress? from = null)
    {
        var client = new HostClient(from is null ? new TcpClient() : new TcpClient(new IPEndPoint(from, 0)));
        try
        {
            await client._client.ConnectAsync(IPAddress.Loopback, port);
            client.Palettes = (await client.ReadAsync())?.Palettes ?? throw new IOException("turned away");
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public Task SendAsync(PbmRequest request) =>
        Frame.WriteAsync(
            Stream,
            JsonSerializer.SerializeToUtf8Bytes(request, PbmJson.Default.PbmRequest),
            CancellationToken.None
        );

    /// <returns>Null at the end of the connection.</returns>
    public async Task<PbmReply?> ReadAsync() =>
        await Frame.ReadAsync(Stream, Frame.AnswerLengthMax, CancellationToken.None).WaitAsync(s_limit) is { } body
            ? PbmJson.Read(body, PbmJson.Default.PbmReply)
            : null;

    public async Task<AnswerPart> AnswerAsync() => (await ReadAsync())!.Answer!;

    public async Task<int> StartAsync(params string[] words)
    {
        await SendAsync(new(Run: new(++_lastId, words)));
        return _lastId;
    }

    /// <summary>Runs one command: its parts as lines, and how it ended.</summary>
    public async Task<(string Outcome, string Text)> RunAsync(params string[] words)
    {
        var id = await StartAsync(words);
        var text = new List<string>();
        while (true)
        {
            var part = await AnswerAsync();
            // What a command said before it was cancelled may still come.
            if (part.Id != id)
                continue;
            if (part.Text.Length > 0)
                text.Add(part.Text);
            if (part.Outcome != AnswerPart.More)
                return (part.Outcome, string.Join('\n', text));
        }
    }

    /// <summary>Whether the host has closed the connection, whatever it still sent.</summary>
    public async Task EndedAsync()
    {
        try
        {
            while (await ReadAsync() is not null) { }
        }
        catch (IOException) { }
    }

    public void Dispose() => _client.Dispose();
}
