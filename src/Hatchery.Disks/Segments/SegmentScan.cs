namespace Hatchery.Disks;

/// <summary>How the records of a segment ended.</summary>
internal enum SegmentTail
{
    /// <summary>At the end of the file, or where the next segment says.</summary>
    Whole,

    /// <summary>In a record that was being written when the process ended; it was never acknowledged as flushed.</summary>
    Torn,

    /// <summary>In a hole that a loss of power left in writes that were not flushed; records beyond it are given up, too.</summary>
    LostWithPower,
}

/// <param name="Length">Where the believed records end.</param>
/// <param name="Chain">The header CRC of the last of them.</param>
/// <param name="LostBytes">How many bytes beyond that were given up.</param>
/// <param name="IsClosed">The last of them is the one that closes a segment: everything before it was synced, nothing came after.</param>
internal sealed record SegmentScanResult(
    SegmentTail Tail,
    long Length,
    uint Chain,
    Epoch Epoch,
    long Durable,
    long LostBytes,
    bool IsClosed,
    SegmentDamage? Damage
);

/// <summary>Told of an extent of a good record.</summary>
/// <param name="offset">Of its data in the file; 0: zeroes.</param>
/// <param name="crcs">Of each of its pieces.</param>
internal delegate void ExtentFound(RecordExtent extent, long offset, ReadOnlySpan<uint> crcs);

/// <summary>Reads every record of a segment, oldest first, and decides whether what cannot be read is a torn tail or damage. See FORMAT.md.</summary>
/// <param name="isSameRun">The host still is in the run in which the segment was written: what is missing is missing at its end alone.</param>
internal sealed class SegmentScan(ISegmentFile file, string name, SegmentHeader header, uint headerCrc, bool isSameRun)
{
    private readonly long _fileLength = file.Length;
    private readonly SegmentReader _reader = new(file, file.Length);
    private long _position = SegmentHeader.SizeBytes;
    private uint _chain = headerCrc;
    private Epoch _epoch = header.Epoch;
    private long _durable = SegmentHeader.SizeBytes;
    private bool _isClosed;
    private uint[] _crcs = new uint[64];

    /// <param name="seal">Length and chain that the next segment claims for this one; null for the last segment.</param>
    public SegmentScanResult Run((long Length, uint Chain)? seal, ExtentFound found)
    {
        var end = seal?.Length ?? _fileLength;
        if (end > _fileLength || end < SegmentHeader.SizeBytes)
            return Damaged(
                _fileLength,
                $"the next segment says that this one has {end} bytes, but it has {_fileLength}"
            );
        while (_position < end)
            if (ReadRecord(end, found) is { } fault)
                return seal is null ? Judge(fault) : Damaged(_position, fault);
        return seal is { } sealedAs && sealedAs.Chain != _chain
            ? Damaged(_position, "the last record is not the one that the next segment follows")
            : Ended(SegmentTail.Whole, 0);
    }

    private string? ReadRecord(long end, ExtentFound found)
    {
        Span<byte> sector = stackalloc byte[RecordHeader.HeaderBytes];
        var read = _reader.Read(_position, RecordHeader.HeaderBytes);
        if (!RecordHeader.TryRead(read, header.Salt, out var record, out var crc))
            return "no record's header, or a damaged one";
        read.CopyTo(sector);
        if (record.Offset != _position || record.Previous != _chain)
            return "a record that does not follow the one before it";
        if (record.Epoch < _epoch)
            return $"a record of {record.Epoch} behind one of {_epoch}";
        if (record.SizeBytes > end - _position)
            return "a record that ends beyond the file";
        if (PieceCrcs(sector, record) != record.PayloadCrc)
            return "a record whose data do not match their checksum";
        var (data, pieces) = (_position + record.DataStart, 0);
        for (var i = 0; i < record.Extents; i++)
            if (RecordHeader.ReadExtent(sector, i).EndBlock > header.DiskLengthBytes / RecordExtent.BlockBytes)
                return "a record that reaches beyond the disk";
        for (var i = 0; i < record.Extents; i++)
        {
            var extent = RecordHeader.ReadExtent(sector, i);
            found(extent, extent.IsZeroes ? 0 : data, _crcs.AsSpan(pieces, extent.Pieces));
            data += extent.DataBytes;
            pieces += extent.Pieces;
        }
        (_position, _chain, _epoch) = (_position + record.SizeBytes, crc, record.Epoch);
        _durable = Math.Max(_durable, record.Durable);
        _isClosed = record.Kind == RecordKind.End;
        return null;
    }

    /// <summary>The payload's CRC, and on the way that of each piece.</summary>
    private uint? PieceCrcs(ReadOnlySpan<byte> sector, RecordHeader record)
    {
        if (record.Extents == 0)
            return PayloadCrc(_position, record);
        var crc = _reader.Crc(_position + RecordHeader.HeaderBytes, record.DataStart - RecordHeader.HeaderBytes);
        var (at, pieces) = (_position + record.DataStart, 0);
        for (var i = 0; i < record.Extents && crc is not null; i++)
        {
            var extent = RecordHeader.ReadExtent(sector, i);
            if (pieces + extent.Pieces > _crcs.Length)
                Array.Resize(ref _crcs, Math.Max(pieces + extent.Pieces, _crcs.Length * 2));
            for (var block = extent.Block; !extent.IsZeroes && block < extent.EndBlock; )
            {
                var bytes = extent.PieceBlocks(block) * RecordExtent.BlockBytes;
                if (_reader.Crc(at, bytes) is not { } piece)
                    return null;
                _crcs[pieces++] = piece;
                crc = Crc32C.Combine(crc.Value, piece, bytes);
                at += bytes;
                block += bytes / RecordExtent.BlockBytes;
            }
        }
        return crc;
    }

    private uint? PayloadCrc(long at, RecordHeader record) =>
        _reader.Crc(at + RecordHeader.HeaderBytes, record.SizeBytes - RecordHeader.HeaderBytes);

    /// <summary>
    /// Only unsynced bytes may be missing, and while the host's kernel runs on they are missing at the file's end alone:
    /// what it took from a process is in its page cache. So a whole record beyond a bad one is damage, unless the host
    /// was started anew since: then unsynced pages reached the disk in any order.
    /// </summary>
    private SegmentScanResult Judge(string fault)
    {
        var (durable, wholeRecord) = LookBeyond();
        if (_position < durable)
            return Damaged(_position, $"{fault}; everything up to {durable} had been flushed");
        if (!wholeRecord)
            return Ended(SegmentTail.Torn, _fileLength - _position);
        return isSameRun
            ? Damaged(_position, $"{fault}, and whole records lie beyond it")
            : Ended(SegmentTail.LostWithPower, _fileLength - _position);
    }

    private (long Durable, bool WholeRecord) LookBeyond()
    {
        var (durable, whole) = (_durable, false);
        for (var at = _position + RecordHeader.HeaderBytes; at < _fileLength; at += RecordHeader.HeaderBytes)
        {
            var sector = _reader.Read(at, RecordHeader.HeaderBytes);
            if (!RecordHeader.TryRead(sector, header.Salt, out var record, out _) || record.Offset != at)
                continue;
            durable = Math.Max(durable, record.Durable);
            whole = whole || (record.SizeBytes <= _fileLength - at && PayloadCrc(at, record) == record.PayloadCrc);
        }
        return (durable, whole);
    }

    private SegmentScanResult Ended(SegmentTail tail, long lostBytes) =>
        new(tail, _position, _chain, _epoch, _durable, lostBytes, _isClosed && tail == SegmentTail.Whole, null);

    private SegmentScanResult Damaged(long at, string detail) =>
        new(SegmentTail.Whole, _position, _chain, _epoch, _durable, 0, IsClosed: false, new(name, at, detail));
}
