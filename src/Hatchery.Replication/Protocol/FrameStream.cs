using System.Text;

namespace Hatchery.Replication;

/// <summary>Frames over a connection. Each call has the idle time-out to itself. Not thread-safe.</summary>
/// <exception cref="IOException">From every call: the other end is gone, or silent for too long.</exception>
internal sealed class FrameStream(Stream stream, TimeSpan idleTimeout, TimeProvider time) : IAsyncDisposable
{
    private readonly byte[] _head = new byte[FrameHeader.Bytes];

    /// <summary>The next frame's header; null at the end of the connection, and for what is no frame, which <paramref name="garbage"/> is told.</summary>
    public async ValueTask<FrameHeader?> ReadHeaderAsync(
        int lengthMaxBytes,
        Action? garbage,
        CancellationToken cancellation
    ) =>
        await WithinAsync(
            async timed =>
            {
                var count = await stream.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, timed);
                if (count == 0)
                    return (FrameHeader?)null;
                if (FrameHeader.TryRead(_head.AsSpan(0, count), lengthMaxBytes, out var header))
                    return header;
                garbage?.Invoke();
                return null;
            },
            cancellation
        );

    public async ValueTask ReadAsync(Memory<byte> payload, CancellationToken cancellation) =>
        await WithinAsync(
            async timed =>
            {
                await stream.ReadExactlyAsync(payload, timed);
                return true;
            },
            cancellation
        );

    public async ValueTask WriteAsync(FrameKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        var frame = new byte[FrameHeader.Bytes + payload.Length];
        new FrameHeader(kind, payload.Length).Write(frame);
        payload.CopyTo(frame.AsMemory(FrameHeader.Bytes));
        await WriteRawAsync(frame, cancellation);
    }

    public ValueTask WriteTextAsync(FrameKind kind, string text, CancellationToken cancellation)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return WriteAsync(kind, bytes.AsMemory(0, Math.Min(bytes.Length, FrameHeader.TextMaxBytes)), cancellation);
    }

    /// <summary>Bytes of a frame whose header was among those before.</summary>
    public async ValueTask WriteRawAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        await WithinAsync(
            async timed =>
            {
                await stream.WriteAsync(bytes, timed);
                return true;
            },
            cancellation
        );

    /// <summary>What another server says, fit to be logged.</summary>
    public static string Text(ReadOnlySpan<byte> utf8) => Plain(Encoding.UTF8.GetString(utf8));

    /// <summary>A text without anything that a terminal would obey.</summary>
    public static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async ValueTask<T> WithinAsync<T>(
        Func<CancellationToken, ValueTask<T>> call,
        CancellationToken cancellation
    )
    {
        using var expiry = new CancellationTokenSource(idleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellation);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"nothing moved for {idleTimeout.TotalSeconds:0} s");
        }
    }
}
