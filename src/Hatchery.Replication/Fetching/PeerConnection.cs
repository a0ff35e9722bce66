using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Hatchery.Disks;

namespace Hatchery.Replication;

/// <summary>Another server cannot be had, or does not keep to the protocol; the message is one sentence without its name.</summary>
internal sealed class PeerException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A connection to another server's images. One caller at a time.</summary>
/// <exception cref="PeerException">From every call.</exception>
internal sealed class PeerConnection : IReplicaSource, IAsyncDisposable
{
    /// <summary>Requests that are under way: while one chunk is hashed and written, the next is on the wire.</summary>
    private const int RequestsAhead = 3;

    /// <summary>What those requests ask for at most.</summary>
    public const int AheadBytes = RequestsAhead * ImageChunks.ChunkBytes;

    private const int ManifestMaxBytes = 64 << 10;
    private const int PieceBytes = 256 << 10;

    private readonly FrameStream _frames;
    private readonly ByteRate _rate;
    private byte[]? _buffer;

    private PeerConnection(FrameStream frames, ByteRate rate) => (_frames, _rate) = (frames, rate);

    public static async Task<PeerConnection> ConnectAsync(
        Peer peer,
        ReplicationIdentity self,
        ReplicationOptions options,
        ByteRate rate,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        using var expiry = new CancellationTokenSource(options.HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(peer.Host, peer.Port, either.Token);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (self.Tls is { } tls)
                stream = await tls.AsClientAsync(stream, peer.Host, either.Token);
            var made = new PeerConnection(new(stream, options.IdleTimeout, time), rate);
            await made.GreetAsync(self.Hello, either.Token);
            return made;
        }
        catch (Exception failed)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            if (cancellation.IsCancellationRequested)
                throw new OperationCanceledException(cancellation);
            throw failed switch
            {
                PeerException => failed,
                OperationCanceledException => new PeerException(
                    $"no connection within {options.HandshakeTimeout.TotalSeconds:0} s",
                    failed
                ),
                AuthenticationException => new PeerException((failed.InnerException ?? failed).Message, failed),
                IOException or SocketException => new PeerException(failed.Message, failed),
                _ => failed,
            };
        }
    }

    /// <summary>Every image that is there, whole or in part.</summary>
    public async Task<IReadOnlyList<ImageListing>> ListAsync(CancellationToken cancellation)
    {
        const int FramesMax = 256;
        var all = new List<ImageListing>();
        for (var frame = 0; frame < FramesMax; frame++)
        {
            var after = all is [.., var last] ? last.Image : default;
            var bytes = await AskAsync(
                FrameKind.List,
                new(after),
                FrameKind.Images,
                ImageListing.MaxPerFrame * ImageListing.Bytes,
                cancellation
            );
            if (bytes is null || !ImageListing.TryReadAll(bytes, out var listed))
                throw new PeerException("its list of images cannot be read");
            all.AddRange(listed);
            if (listed.Count < ImageListing.MaxPerFrame)
                break;
        }
        return all;
    }

    /// <summary>Null when the image is not there whole.</summary>
    public async Task<ImageManifest?> ManifestAsync(LayerId image, CancellationToken cancellation)
    {
        var json = await AskAsync(FrameKind.Manifest, new(image), FrameKind.Bytes, ManifestMaxBytes, cancellation);
        return json is null ? null
            : ImageManifest.TryRead(json) is { } manifest && manifest.Layer == image ? manifest
            : throw new PeerException($"its manifest of image {image} cannot be read");
    }

    /// <summary>The hashes of an image's chunks; what they hash to is for the caller to compare.</summary>
    public async Task<ImageChunks> ChunksAsync(ImageManifest manifest, CancellationToken cancellation)
    {
        const int MostAtOnce = 4096;
        var count = ImageChunks.CountOf(manifest.LengthBytes);
        var hashes = new byte[count * ImageChunks.HashBytes];
        for (long first = 0; first < count; first += MostAtOnce)
        {
            var some = (int)Math.Min(MostAtOnce, count - first);
            var bytes = await AskAsync(
                FrameKind.Hashes,
                new(manifest.Layer, Offset: first, Length: some),
                FrameKind.Bytes,
                some * ImageChunks.HashBytes,
                cancellation
            );
            if (bytes?.Length != some * ImageChunks.HashBytes)
                throw new PeerException("it has not all hashes of the image");
            bytes.CopyTo(hashes.AsSpan((int)first * ImageChunks.HashBytes));
        }
        return ImageChunks.TryRead(hashes, manifest.LengthBytes)!;
    }

    /// <summary>Has something checked or repaired there, however long that takes as long as it goes on.</summary>
    public async Task<IReadOnlyList<CheckFinding>> FindingsAsync(
        FrameKind what,
        LayerId id,
        IProgress<int>? progress,
        CancellationToken cancellation
    )
    {
        await SendAsync(what, new(id), cancellation);
        while (true)
        {
            var (kind, payload) = await ReceiveAsync(FrameHeader.FindingsMaxBytes, cancellation);
            switch (kind)
            {
                case FrameKind.Progress when payload.Span is [<= 100 and var percent]:
                    progress?.Report(percent);
                    break;
                case FrameKind.Findings:
                    return CheckFinding.TryRead(payload.Span)
                        ?? throw new PeerException("what it has found cannot be read");
                case FrameKind.Missing:
                    throw new PeerException(FrameStream.Text(payload.Span));
                default:
                    throw Unexpected(kind, payload.Span);
            }
        }
    }

    /// <summary>The image that <see cref="ReadAsync"/> reads.</summary>
    public LayerId Image { get; set; }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        IReadOnlyList<ImageRange> ranges,
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        var asked = 0;
        for (var answered = 0; answered < ranges.Count; answered++)
        {
            for (; asked < Math.Min(ranges.Count, answered + RequestsAhead); asked++)
            {
                var range = ranges[asked];
                await _rate.TakeAsync(range.LengthBytes, cancellation);
                await SendAsync(FrameKind.Read, new(Image, range.Part, range.Offset, range.LengthBytes), cancellation);
            }
            var bytes =
                await ReceiveAsync(FrameKind.Bytes, FrameHeader.ReplyMaxBytes, cancellation)
                ?? throw new PeerException("it does not have the image any more");
            if (bytes.Length != ranges[answered].LengthBytes)
                throw new PeerException(
                    $"{bytes.Length} bytes came where {ranges[answered].LengthBytes} were asked for"
                );
            yield return bytes;
        }
    }

    public ValueTask DisposeAsync() => _frames.DisposeAsync();

    private async Task GreetAsync(ReplicationHello self, CancellationToken cancellation)
    {
        await _frames.WriteAsync(FrameKind.Hello, self.ToBytes(), cancellation);
        var answer =
            await ReceiveAsync(FrameKind.Hello, FrameHeader.TextMaxBytes, cancellation)
            ?? throw new PeerException("what answers there is no Hatchery server");
        if (!ReplicationHello.TryRead(answer.Span, out var hello))
            throw new PeerException("what answers there is no Hatchery server");
        if (self.Refusal(hello) is { } refusal)
            throw new PeerException(refusal);
    }

    private async Task<byte[]?> AskAsync(
        FrameKind kind,
        ReplicationRequest request,
        FrameKind answer,
        int answerMaxBytes,
        CancellationToken cancellation
    )
    {
        await SendAsync(kind, request, cancellation);
        return (await ReceiveAsync(answer, answerMaxBytes, cancellation))?.ToArray();
    }

    private async Task SendAsync(FrameKind kind, ReplicationRequest request, CancellationToken cancellation)
    {
        var bytes = new byte[ReplicationRequest.Bytes];
        request.Write(bytes);
        try
        {
            await _frames.WriteAsync(kind, bytes, cancellation);
        }
        catch (IOException gone)
        {
            throw new PeerException(gone.Message, gone);
        }
    }

    /// <summary>Null when it says that it does not have what was asked for.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReceiveAsync(
        FrameKind expected,
        int lengthMaxBytes,
        CancellationToken cancellation
    )
    {
        var (kind, payload) = await ReceiveAsync(lengthMaxBytes, cancellation);
        // A plain null would become bytes of which there are none.
        return kind == expected ? payload
            : kind == FrameKind.Missing ? default(ReadOnlyMemory<byte>?)
            : throw Unexpected(kind, payload.Span);
    }

    private static PeerException Unexpected(FrameKind kind, ReadOnlySpan<byte> payload) =>
        new(
            kind == FrameKind.Refused
                ? $"it refuses: {FrameStream.Text(payload)}"
                : "it does not speak the replication protocol"
        );

    private async Task<(FrameKind Kind, ReadOnlyMemory<byte> Payload)> ReceiveAsync(
        int lengthMaxBytes,
        CancellationToken cancellation
    )
    {
        try
        {
            var most = Math.Max(lengthMaxBytes, FrameHeader.TextMaxBytes);
            var isGarbage = false;
            if (await _frames.ReadHeaderAsync(most, () => isGarbage = true, cancellation) is not { } header)
                throw new PeerException(
                    isGarbage ? "it does not speak the replication protocol" : "it closed the connection"
                );
            if (_buffer is null || _buffer.Length < header.LengthBytes)
                _buffer = new byte[header.LengthBytes];
            var payload = _buffer.AsMemory(0, header.LengthBytes);
            for (var done = 0; done < payload.Length; done += PieceBytes)
                await _frames.ReadAsync(payload[done..Math.Min(payload.Length, done + PieceBytes)], cancellation);
            return (header.Kind, payload);
        }
        catch (IOException gone)
        {
            throw new PeerException(gone.Message, gone);
        }
    }
}
