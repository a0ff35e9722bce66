namespace Hatchery.Disks;

/// <summary>Reads the index with which a segment was closed.</summary>
internal static class SegmentFooter
{
    /// <summary>Where a closed segment ends, by its own last record; null when that is none.</summary>
    public static (long Length, uint Chain)? End(OpenedSegment segment)
    {
        var sector = new byte[RecordHeader.HeaderBytes];
        var length = segment.File.Length;
        return
            length > SegmentHeader.SizeBytes
            && segment.File.Read(sector, length - sector.Length) == sector.Length
            && RecordHeader.TryRead(sector, segment.Header.Salt, out var end, out var crc)
            && end.Kind == RecordKind.End
            ? (length, crc)
            : null;
    }

    /// <summary>Null when the segment has no index, one of before there were checksums in it, or one that does not lead up to <paramref name="chain"/>.</summary>
    public static IndexEntry[]? TryRead(OpenedSegment segment, long length, uint chain)
    {
        var sector = new byte[RecordHeader.HeaderBytes];
        var salt = segment.Header.Salt;
        var endAt = length - RecordHeader.HeaderBytes;
        if (
            (segment.Header.Incompatible & SegmentHeader.CheckedPieces) == 0
            || endAt < SegmentHeader.SizeBytes
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
        var entries = new IndexEntry[index.Detail];
        var diskBlocks = segment.Header.DiskLengthBytes / RecordExtent.BlockBytes;
        for (var i = 0; i < entries.Length; i++)
            if (!IndexEntry.TryRead(payload.AsSpan(i * IndexEntry.SizeBytes), diskBlocks, index.Offset, out entries[i]))
                return null;
        return entries;
    }
}
