using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Appends of one connection that follow one another: what comes while they wait for the disk is written with them, at once. Thread-safe.</summary>
internal sealed class WriteBatch(IMirrorPeer from, CachePosition at, ReadOnlyMemory<byte> first)
{
    private const int BytesMax = 4 << 20;

    private readonly Lock _gate = new();
    private readonly List<ReadOnlyMemory<byte>> _parts = [first];
    private long _bytes = first.Length;
    private bool _isBegun;

    public int Count => _parts.Count;

    /// <summary>False: they are being written, or that one goes alone.</summary>
    public bool TryAdd(IMirrorPeer peer, CachePosition next, ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            // The header of a segment is no append like others.
            var fits =
                !_isBegun
                && peer.Connection == from.Connection
                && at.Offset > 0
                && next == at.Plus(_bytes)
                && _parts.Count < CacheCopy.PartsMax
                && _bytes + bytes.Length <= BytesMax;
            if (!fits)
                return false;
            _parts.Add(bytes);
            _bytes += bytes.Length;
            return true;
        }
    }

    public (CachePosition End, DiskOutcome Outcome) Write(CacheCopy copy)
    {
        lock (_gate)
            _isBegun = true;
        var outcome = copy.Append(at, _parts);
        foreach (var part in _parts)
            from.Release(part);
        return (at.Plus(_bytes), outcome);
    }
}
