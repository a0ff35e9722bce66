namespace Hatchery.Streaming.Transport;

/// <summary>Where replies are laid out and wait for the socket; used by one thread at a time.</summary>
internal sealed class OutputQueue
{
    private const int ChunkBytes = 1024 * 1024;
    private const int MaxSegments = 512;

    private readonly Queue<ReplyBatch> _full = new();
    private ReplyBatch _filling = new();
    private ReplyBatch? _sent;
    private ReplyBatch? _taken;
    private PooledBuffer? _chunk;
    private int _position;
    private int _inTransit;

    /// <summary>Bytes that wait for the socket or are on their way into it.</summary>
    public long PendingBytes { get; private set; }

    public bool IsEmpty => _full.Count == 0 && _filling.Bytes == 0;

    /// <summary>Room for a reply, to be filled and then enqueued or released by the caller.</summary>
    public Segment Reserve(int bytes)
    {
        if (_chunk is { IsSole: true })
            _position = 0;
        if (_chunk is null || _chunk.Length - _position < bytes)
        {
            _chunk?.Release();
            _chunk = PooledBuffer.Rent(Math.Max(bytes, ChunkBytes));
            _position = 0;
        }
        _chunk.Retain();
        var segment = new Segment(_chunk, _position, bytes);
        _position += bytes;
        return segment;
    }

    /// <summary>Takes the segment's hold over.</summary>
    public void Enqueue(Segment segment)
    {
        if (_filling.Segments.Length >= MaxSegments || _filling.Bytes >= ChunkBytes)
        {
            _full.Enqueue(_filling);
            _filling = Next();
        }
        PendingBytes += segment.Length;
        _filling.Append(segment);
    }

    /// <summary>The next batch for the socket, or null; the one before counts as sent from now on.</summary>
    public ReplyBatch? Take()
    {
        Sent();
        if (!_full.TryDequeue(out var batch))
        {
            if (_filling.Bytes == 0)
                return null;
            (batch, _filling) = (_filling, Next());
        }
        _inTransit = batch.Bytes;
        _taken = batch;
        return batch;
    }

    public void Sent()
    {
        PendingBytes -= _inTransit;
        _inTransit = 0;
        // Whoever sent it has released it: it is empty, and the next may use it again.
        (_sent, _taken) = (_taken ?? _sent, null);
        if (PendingBytes == 0 && _chunk is { IsSole: true })
            DropChunk();
    }

    public void Clear()
    {
        while (_full.TryDequeue(out var batch))
            batch.Release();
        _filling.Release();
        PendingBytes = _inTransit;
        DropChunk();
    }

    private ReplyBatch Next()
    {
        var batch = _sent ?? new();
        _sent = null;
        return batch;
    }

    private void DropChunk()
    {
        _chunk?.Release();
        _chunk = null;
    }
}
