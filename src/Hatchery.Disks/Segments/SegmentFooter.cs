namespace Hatchery.Disks;

/// <summary>Reads the index with which a segment was closed.</summary>
internal static class SegmentFooter
{
    /// <summary>Null when the segment has no index, or one that does not lead up to <paramref name="chain"/>.</summary>
    public static List<IndexEntry>? TryRead(OpenedSegment segment, long length, uint chain)
    {
        var sector = new byte[RecordHeader.HeaderBytes];
        var salt = segment.Header.Salt;
        var endAt = length - RecordHeader.HeaderBytes;
        if (
            endAt < SegmentHeader.SizeBytes
            || segment.File.Read(sector, endAt) != sector.Length
            || !RecordHeader.TryRead(sector, salt, out var end, out var endCrc)
            || (end.Kind, end.Offset, endCrc) != (RecordKind.End, endAt, chain)
            || end.Detail < SegmentHeader.SizeBytes
            || end.Detail >= endAt
        )
            return null;
        if (
            segment.File.Read(sector, end.Detail) != sector.Length
            || !RecordHeader.TryRead(sector, salt, out var index, out var indexCrc)
            || (index.Kind, index.Offset, indexCrc) != (RecordKind.Index, end.Detail, end.Previous)
            || index.Offset + index.SizeBytes != endAt
            || index.Detail > (index.SizeBytes - RecordHeader.HeaderBytes) / IndexEntry.SizeBytes
        )
            return null;
        var payload = new byte[index.SizeBytes - RecordHeader.HeaderBytes];
        if (
            segment.File.Read(payload, index.Offset + RecordHeader.HeaderBytes) != payload.Length
            || Crc32C.Append(0, payload) != index.PayloadCrc
        )
            return null;
        var entries = new List<IndexEntry>((int)index.Detail);
        for (var i = 0; i < index.Detail; i++)
        {
            var diskBlocks = segment.Header.DiskLengthBytes / RecordExtent.BlockBytes;
            if (!IndexEntry.TryRead(payload.AsSpan(i * IndexEntry.SizeBytes), diskBlocks, index.Offset, out var entry))
                return null;
            entries.Add(entry);
        }
        return entries;
    }
}
