using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Another server cannot be had, or does not keep to the protocol; the message is one sentence without its name.</summary>
public sealed class LinkException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A connection to another server, greetings done: frames in, frames out, for any number of write caches.</summary>
internal sealed class MirrorLink : IAsyncDisposable
{
    private const int ReadBytes = 256 << 10;

    // The rest of a larger frame is read to where it stays.
    private const int DirectBytes = 32 << 10;

    private const string MiddleOfFrame = "it closed the connection in the middle of a frame";

    private static long s_last;

    private readonly Stream _stream;
    private readonly SendBuffer _sending;
    private readonly CancellationTokenSource _ending = new();
    private string? _reason;

    private MirrorLink(Stream stream, MirrorHello other, LinkOptions options)
    {
        (_stream, Other) = (stream, other);
        _sending = new(options.SendMaxBytes);
        Window = new(options.ReceiveMaxBytes);
    }

    /// <summary>Unlike any other connection's in this process.</summary>
    public long Id { get; } = NextId();

    public MirrorHello Other { get; }

    public ReceiveWindow Window { get; }

    public static long NextId() => Interlocked.Increment(ref s_last);

    /// <summary>Says who this server is, hears who the other is, and refuses whom it has nothing to do with.</summary>
    /// <exception cref="LinkException">It is none of ours.</exception>
    public static async Task<MirrorLink> GreetAsync(
        Stream stream,
        MirrorHello self,
        LinkOptions options,
        CancellationToken cancellation
    )
    {
        await stream.WriteAsync(self.ToBytes(), cancellation);
        await stream.FlushAsync(cancellation);
        var bytes = new byte[MirrorHello.SizeMaxBytes];
        for (int count = 0, need = MirrorHello.NameAt; ; need = bytes[MirrorHello.NameAt - 1])
        {
            // Not a byte more: frames may lie behind.
            var read = await stream.ReadAtLeastAsync(
                bytes.AsMemory(count, need),
                need,
                throwOnEndOfStream: false,
                cancellation
            );
            count += read;
            var state = MirrorHello.TryRead(bytes.AsSpan(0, count), out var hello, out _);
            if (state == MirrorRead.Garbage)
                throw new LinkException("what it says is no greeting of a Hatchery server");
            if (read < need)
                throw new LinkException("it closed the connection before it said who it is");
            if (state == MirrorRead.Whole)
                return self.Refusal(hello!) is { } refusal
                    ? throw new LinkException(refusal)
                    : new(stream, hello!, options);
        }
    }

    /// <summary>Queues a frame; bytes are copied. What does not fit ends the connection: the other end takes too little.</summary>
    public void Send(LayerId cache, MirrorMessage message)
    {
        if (!_sending.TryAdd(cache, message))
            End("it does not take what is sent to it");
    }

    /// <summary>Ends it, for a reason that <see cref="RunAsync"/> answers.</summary>
    public void End(string reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        try
        {
            _ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }

    /// <summary>Reads and writes up to its end; the answer is why it ended.</summary>
    /// <param name="received">Told of each frame. The bytes of a message are to be given back to <see cref="Window"/>.</param>
    public async Task<string> RunAsync(Action<LayerId, MirrorMessage> received)
    {
        var writing = WriteAsync();
        await ReadAsync(received);
        await writing;
        return _reason!;
    }

    public async ValueTask DisposeAsync()
    {
        End("it is closed");
        await _stream.DisposeAsync();
        _sending.Dispose();
        _ending.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                var bytes = await _sending.TakeAsync(_ending.Token);
                await _stream.WriteAsync(bytes, _ending.Token);
                await _stream.FlushAsync(_ending.Token);
            }
        }
        catch (Exception gone) when (IsEnd(gone))
        {
            End(gone.Message);
        }
    }

    private async Task ReadAsync(Action<LayerId, MirrorMessage> received)
    {
        var (buffer, count) = (new byte[ReadBytes], 0);
        try
        {
            while (true)
            {
                var read = await _stream.ReadAsync(buffer.AsMemory(count), _ending.Token);
                if (read == 0)
                    throw new LinkException(count > 0 ? MiddleOfFrame : "it closed the connection");
                count += read;
                var (used, size) = (0, 0);
                while (Next(buffer.AsMemory(used, count - used), out var cache, out var message, out size))
                {
                    used += size;
                    received(cache, await KeepAsync(message!));
                }
                count -= used;
                buffer.AsSpan(used, count).CopyTo(buffer);
                if (size <= DirectBytes)
                    continue;
                var (to, large) = await ReadLargeAsync(buffer.AsMemory(0, count), size);
                received(to, large);
                count = 0;
            }
        }
        catch (LinkException ended)
        {
            End(ended.Message);
        }
        catch (Exception gone) when (IsEnd(gone))
        {
            End(gone.Message);
        }
    }

    /// <exception cref="LinkException">What came is no frame, or only a part of one.</exception>
    private async ValueTask<(LayerId Cache, MirrorMessage Message)> ReadLargeAsync(ReadOnlyMemory<byte> begun, int size)
    {
        var frame = await Window.RentAsync(size, _ending.Token);
        try
        {
            begun.CopyTo(frame);
            var rest = frame.AsMemory(begun.Length, size - begun.Length);
            if (
                await _stream.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, _ending.Token)
                < rest.Length
            )
                throw new LinkException(MiddleOfFrame);
            Next(frame.AsMemory(0, size), out var cache, out var message, out _);
            return (cache, message!);
        }
        catch
        {
            Window.Release(frame);
            throw;
        }
    }

    /// <exception cref="LinkException">What came is no frame.</exception>
    private static bool Next(ReadOnlyMemory<byte> from, out LayerId cache, out MirrorMessage? message, out int size) =>
        MirrorCodec.TryRead(from, out cache, out message, out size) switch
        {
            MirrorRead.Whole => true,
            MirrorRead.NeedsMore => false,
            _ => throw new LinkException("what it sends is no frame of the mirror protocol"),
        };

    private async ValueTask<MirrorMessage> KeepAsync(MirrorMessage message) =>
        message switch
        {
            MirrorMessage.Append m => m with { Bytes = await Window.KeepAsync(m.Bytes, _ending.Token) },
            MirrorMessage.Copy m => m with { Bytes = await Window.KeepAsync(m.Bytes, _ending.Token) },
            MirrorMessage.Fetched m => m with { Bytes = await Window.KeepAsync(m.Bytes, _ending.Token) },
            _ => message,
        };

    private static bool IsEnd(Exception gone) =>
        gone is IOException or OperationCanceledException or ObjectDisposedException;
}
