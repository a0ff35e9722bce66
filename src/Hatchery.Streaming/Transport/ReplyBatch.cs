using System.Runtime.InteropServices;

namespace Hatchery.Streaming.Transport;

/// <summary>Replies that leave in one send, in order; whoever takes the batch owns the holds of its segments.</summary>
internal sealed class ReplyBatch
{
    private readonly List<Segment> _segments = [];

    public ReadOnlySpan<Segment> Segments => CollectionsMarshal.AsSpan(_segments);

    public int Bytes { get; private set; }

    public void Release()
    {
        foreach (var segment in _segments)
            segment.Release();
        _segments.Clear();
        Bytes = 0;
    }

    /// <summary>Stretches that touch become one, so that a batch of small replies is a single contiguous send.</summary>
    internal void Append(Segment segment)
    {
        Bytes += segment.Length;
        if (_segments.Count > 0 && _segments[^1] is var last && Touches(last, segment))
        {
            _segments[^1] = last with { Length = last.Length + segment.Length };
            segment.Release();
            return;
        }
        _segments.Add(segment);
    }

    private static bool Touches(Segment last, Segment next) =>
        ReferenceEquals(last.Buffer, next.Buffer) && last.Offset + last.Length == next.Offset;
}
