using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Another server cannot be had, or does not keep to the protocol; the message is one sentence without its name.</summary>
public sealed class LinkException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A connection to another server, greetings done: frames in, frames out, for any number of write caches.</summary>
internal sealed class MirrorLink : IAsyncDisposable, IThreadPoolWorkItem
{
    private const int ReadBytes = 512 << 10;

    // With less room than this the next frames go to another buffer.
    private const int RestBytes = 64 << 10;

    // Who sends so little sends it himself; more is encrypted beside what he does next.
    private const int SentHereBytes = 80 << 10;

    private const string MiddleOfFrame = "it closed the connection in the middle of a frame";

    private static long s_last;

    private readonly Stream _stream;
    private readonly SendBuffer _sending;
    private readonly SemaphoreSlim _pump = new(1);
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

    /// <summary>Sends a frame, in order, without waiting for it. What does not fit ends the connection: the other end takes too little.</summary>
    /// <param name="frame">Where the message's bytes lie; null: they are copied.</param>
    public void Send(LayerId cache, MirrorMessage message, FrameBytes? frame = null)
    {
        var outcome = _sending.Add(cache, message, frame);
        if (outcome == SendOutcome.Refused)
            End("it does not take what is sent to it");
        else if (outcome == SendOutcome.First && _sending.WaitingBytes <= SentHereBytes)
            _ = PumpAsync();
        else if (outcome == SendOutcome.First)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _ = PumpAsync();

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

    /// <summary>Reads up to its end; the answer is why it ended.</summary>
    /// <param name="received">Told of each frame. The bytes of a message are to be given back to <see cref="Window"/>.</param>
    public async Task<string> RunAsync(Action<LayerId, MirrorMessage> received)
    {
        try
        {
            await ReadAsync(received);
        }
        catch (Exception gone) when (gone is LinkException || IsEnd(gone))
        {
            End(gone.Message);
        }
        finally
        {
            Window.End();
        }
        return _reason!;
    }

    public async ValueTask DisposeAsync()
    {
        End("it is closed");
        // Whoever comes later finds nothing to send.
        await _pump.WaitAsync();
        _sending.Dispose();
        _pump.Release();
        await _stream.DisposeAsync();
        _ending.Dispose();
    }

    /// <summary>Sends all that waits.</summary>
    private async Task PumpAsync()
    {
        await _pump.WaitAsync();
        try
        {
            for (var bytes = _sending.Take(); !bytes.IsEmpty; bytes = _sending.Take())
            {
                await _stream.WriteAsync(bytes, _ending.Token);
                if (_sending.WaitingBytes == 0)
                    await _stream.FlushAsync(_ending.Token);
            }
        }
        catch (Exception gone) when (IsEnd(gone))
        {
            End(gone.Message);
        }
        finally
        {
            _pump.Release();
        }
    }

    private async Task ReadAsync(Action<LayerId, MirrorMessage> received)
    {
        var (buffer, used, count) = (await Window.RentAsync(ReadBytes, _ending.Token), 0, 0);
        while (true)
        {
            var read = await _stream.ReadAsync(buffer.AsMemory(count), _ending.Token);
            if (read == 0)
                throw new LinkException(count > used ? MiddleOfFrame : "it closed the connection");
            count += read;
            int size;
            while (Next(buffer.AsMemory(used, count - used), out var cache, out var message, out size))
            {
                used += size;
                if (!MirrorCodec.BytesOf(message!).IsEmpty)
                    Window.Hold();
                received(cache, message!);
            }
            if (used == count && Window.IsFree)
                (used, count) = (0, 0);
            if (buffer.Length - used >= Math.Max(size, RestBytes))
                continue;
            // The rest of the frame has to come behind what there is of it.
            var begun = buffer.AsSpan(used, count - used).ToArray();
            buffer = await Window.RentAsync(Math.Max(size, ReadBytes), _ending.Token);
            begun.CopyTo(buffer, 0);
            (used, count) = (0, begun.Length);
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

    private static bool IsEnd(Exception gone) =>
        gone is IOException or OperationCanceledException or ObjectDisposedException;
}
