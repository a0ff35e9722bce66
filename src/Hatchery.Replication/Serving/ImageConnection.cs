using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Replication;

/// <summary>One connection of another server: greetings, then requests, each answered before the next is read; the peer's pace is the socket's.</summary>
internal sealed partial class ImageConnection(
    Socket socket,
    IPEndPoint remote,
    ReplicationIdentity identity,
    Store store,
    ReplicationOptions options,
    TimeProvider time,
    ILogger log,
    ImageChecks? checks = null
)
{
    private const int PieceBytes = 1 << 20;

    private ImagePartFile? _file;
    private (LayerId Image, ImagePart Part) _opened;
    private (LayerId Image, ImageChunks Chunks)? _chunks;

    /// <param name="greeted">Called when it turned out to be a server of the farm.</param>
    public async Task RunAsync(Action greeted, CancellationToken cancellation)
    {
        await using var frames = await GreetAsync(cancellation);
        if (frames is null)
            return;
        greeted();
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            while (await NextAsync(frames, cancellation) is { } asked)
                await AnswerAsync(frames, asked.Kind, asked.Request, buffer, cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _file?.Dispose();
        }
    }

    /// <summary>Null when it is none of ours; that is logged.</summary>
    private async Task<FrameStream?> GreetAsync(CancellationToken cancellation)
    {
        using var expiry = new CancellationTokenSource(options.HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellation);
        Stream stream = new NetworkStream(socket);
        try
        {
            if (identity.Tls is { } tls)
                stream = await tls.AsServerAsync(stream, either.Token);
            var frames = new FrameStream(stream, options.IdleTimeout, time);
            var refusal = await ReadHelloAsync(frames, either.Token);
            if (refusal is null)
            {
                await frames.WriteAsync(FrameKind.Hello, identity.Hello.ToBytes(), either.Token);
                return frames;
            }
            Log.Refused(log, remote, refusal);
            await frames.WriteTextAsync(FrameKind.Refused, refusal, either.Token);
        }
        catch (AuthenticationException untrusted)
        {
            Log.Refused(log, remote, (untrusted.InnerException ?? untrusted).Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Log.Refused(log, remote, $"it did not say who it is within {options.HandshakeTimeout.TotalSeconds:0} s");
        }
        catch (IOException gone)
        {
            Log.Refused(log, remote, gone.Message);
        }
        await stream.DisposeAsync();
        return null;
    }

    private async Task<string?> ReadHelloAsync(FrameStream frames, CancellationToken cancellation)
    {
        const string NoHello = "what it says is no greeting of a Hatchery server";
        if (
            await frames.ReadHeaderAsync(FrameHeader.RequestMaxBytes, garbage: null, cancellation)
            is not { Kind: FrameKind.Hello } header
        )
            return NoHello;
        var bytes = new byte[header.LengthBytes];
        await frames.ReadAsync(bytes, cancellation);
        return ReplicationHello.TryRead(bytes, out var hello) ? identity.Hello.Refusal(hello) : NoHello;
    }

    private async Task<(FrameKind Kind, ReplicationRequest Request)?> NextAsync(
        FrameStream frames,
        CancellationToken cancellation
    )
    {
        var isGarbage = false;
        var header = await frames.ReadHeaderAsync(FrameHeader.RequestMaxBytes, () => isGarbage = true, cancellation);
        if (
            header is
            {
                Kind: FrameKind.List
                    or FrameKind.Manifest
                    or FrameKind.Hashes
                    or FrameKind.Read
                    or FrameKind.Check
                    or FrameKind.Repair
            } asked
        )
        {
            var bytes = new byte[asked.LengthBytes];
            await frames.ReadAsync(bytes, cancellation);
            if (ReplicationRequest.TryRead(bytes, out var request))
                return (asked.Kind, request);
            isGarbage = true;
        }
        if (isGarbage || header is not null)
        {
            const string NoRequest = "what it asks is no request";
            Log.Refused(log, remote, NoRequest);
            await frames.WriteTextAsync(FrameKind.Refused, NoRequest, cancellation);
        }
        return null;
    }

    private async Task AnswerAsync(
        FrameStream frames,
        FrameKind kind,
        ReplicationRequest request,
        byte[] buffer,
        CancellationToken cancellation
    )
    {
        var fault = kind switch
        {
            FrameKind.List => await SendListAsync(frames, request.Image, cancellation),
            FrameKind.Check or FrameKind.Repair => await SendFindingsAsync(frames, kind, request.Image, cancellation),
            _ when store.DamageOf(request.Image) is not null => $"image {request.Image} is damaged here",
            FrameKind.Manifest => await SendManifestAsync(frames, request.Image, cancellation),
            FrameKind.Hashes => await SendHashesAsync(frames, request, cancellation),
            _ => await SendBytesAsync(frames, request, buffer, cancellation),
        };
        if (fault is not null)
            await frames.WriteTextAsync(FrameKind.Missing, fault, cancellation);
    }

    private async Task<string?> SendListAsync(FrameStream frames, LayerId after, CancellationToken cancellation)
    {
        var listed = store
            .ListImages()
            .Where(m => m.ChunkBytes is not null)
            .Select(m => new ImageListing(
                m.Layer,
                m.LengthBytes,
                m.Sha256,
                store.DamageOf(m.Layer) is null ? ImageListing.Whole : ImageListing.Whole - 1
            ))
            .Concat(
                store
                    .ListReplicas()
                    .Select(r => new ImageListing(r.Layer, 0, r.Sha256, Math.Min(r.Percent, ImageListing.Whole - 1)))
            )
            .DistinctBy(l => l.Image)
            .Where(l => l.Image.Value.CompareTo(after.Value) > 0)
            .OrderBy(l => l.Image.Value)
            .Take(ImageListing.MaxPerFrame)
            .ToArray();
        var bytes = new byte[listed.Length * ImageListing.Bytes];
        for (var i = 0; i < listed.Length; i++)
            listed[i].Write(bytes.AsSpan(i * ImageListing.Bytes));
        await frames.WriteAsync(FrameKind.Images, bytes, cancellation);
        return null;
    }

    private async Task<string?> SendManifestAsync(FrameStream frames, LayerId image, CancellationToken cancellation)
    {
        var found = store.FindImage(image);
        if (found.Value is not { } manifest)
            return $"image {image} is not here";
        if (manifest.ChunkBytes is null)
            return $"image {image} was imported before images had chunks: import it again";
        await frames.WriteAsync(FrameKind.Bytes, manifest.ToJson(), cancellation);
        return null;
    }

    private async Task<string?> SendHashesAsync(
        FrameStream frames,
        ReplicationRequest request,
        CancellationToken cancellation
    )
    {
        if (_chunks is not { } read || read.Image != request.Image)
        {
            if (store.ReadChunks(request.Image).Value is not { } found)
                return $"the hashes of image {request.Image} cannot be read here";
            _chunks = read = (request.Image, found);
        }
        if (
            request.Length > FrameHeader.ReplyMaxBytes / ImageChunks.HashBytes
            || request.Offset > read.Chunks.Count - request.Length
        )
            return $"image {request.Image} has {read.Chunks.Count} chunks";
        var hashes = read.Chunks.Hashes(request.Offset, request.Offset + request.Length);
        await frames.WriteAsync(FrameKind.Bytes, hashes, cancellation);
        return null;
    }

    private async Task<string?> SendBytesAsync(
        FrameStream frames,
        ReplicationRequest request,
        byte[] buffer,
        CancellationToken cancellation
    )
    {
        if (_file is null || _opened != (request.Image, request.Part))
        {
            _file?.Dispose();
            _file = store.OpenPart(request.Image, request.Part).Value;
            _opened = (request.Image, request.Part);
        }
        if (_file is not { } file || request.Length == 0 || request.Offset > file.LengthBytes - request.Length)
            return $"image {request.Image} has no such bytes here";
        new FrameHeader(FrameKind.Bytes, request.Length).Write(buffer);
        var (filled, done) = (FrameHeader.Bytes, 0);
        while (done < request.Length)
        {
            var want = Math.Min(PieceBytes - filled, request.Length - done);
            var count = await RandomAccess.ReadAsync(
                file.File,
                buffer.AsMemory(filled, want),
                request.Offset + done,
                cancellation
            );
            // The header has gone out: all that is left is to end the connection.
            if (count == 0)
                throw new IOException($"{file.Path} ends before byte {request.Offset + request.Length}");
            await frames.WriteRawAsync(buffer.AsMemory(0, filled + count), cancellation);
            (filled, done) = (0, done + count);
        }
        return null;
    }
}
