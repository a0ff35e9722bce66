namespace Hatchery.Streaming.Transport;

/// <summary>All whole requests of one receive, back to back; whoever takes the batch owns its hold on the buffer.</summary>
internal sealed class ReceivedBatch(Segment bytes)
{
    public Segment Bytes { get; } = bytes;
}
