using System.Buffers.Binary;

namespace Hatchery.Disks;

internal enum RecordKind : ushort
{
    /// <summary>Blocks written or zeroed.</summary>
    Write = 1,

    /// <summary>Nothing but <see cref="RecordHeader.Durable"/>; pads the file to a page.</summary>
    Mark = 2,

    /// <summary>Where each block of this segment lies.</summary>
    Index = 3,

    /// <summary>The last 512 bytes of a closed segment; says where its index is.</summary>
    End = 4,
}

/// <summary>The 512 bytes in front of a record's payload. See FORMAT.md.</summary>
/// <param name="Previous">The header CRC of the record before, or of the segment's header: the chain.</param>
/// <param name="Offset">Where in the file this record starts.</param>
/// <param name="Durable">Every byte of this file below was synced when this record was written.</param>
/// <param name="SizeBytes">Header and payload.</param>
/// <param name="DataStart">Where, in the record, the first block's data start.</param>
/// <param name="Detail">Index: how many entries. End: where the index record starts.</param>
internal readonly record struct RecordHeader(
    RecordKind Kind,
    uint Previous,
    uint PayloadCrc,
    long Offset,
    Epoch Epoch,
    long Durable,
    long SizeBytes,
    int DataStart,
    int Extents,
    long Detail
)
{
    public const int HeaderBytes = 512;
    public const int ExtentsMax = 28;
    public const int SizeMaxBytes = 64 << 20;
    public const long DiskLengthMaxBytes = 1L << 52;

    private const uint Magic = 0x43455248; // "HREC"
    private const int ExtentsAt = 64;
    private const int ExtentBytes = 16;

    /// <summary>Ends the header whose extents were written before; the answer is its CRC, to which the next record is chained.</summary>
    public uint Write(Span<byte> sector, uint salt)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(sector, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[8..], Previous);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[12..], PayloadCrc);
        BinaryPrimitives.WriteInt64LittleEndian(sector[16..], Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[24..], Epoch.Value);
        BinaryPrimitives.WriteInt64LittleEndian(sector[32..], Durable);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[40..], (uint)SizeBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[44..], (ushort)Kind);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[46..], (ushort)Extents);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[48..], (uint)DataStart);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[52..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(sector[56..], Detail);
        sector[(ExtentsAt + (Extents * ExtentBytes))..HeaderBytes].Clear();
        var crc = Crc(sector, salt);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[4..], crc);
        return crc;
    }

    /// <summary>False where no header of a segment with this salt lies; a header that is read is consistent in itself.</summary>
    public static bool TryRead(ReadOnlySpan<byte> sector, uint salt, out RecordHeader header, out uint crc)
    {
        (header, crc) = (default, 0);
        if (sector.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(sector) != Magic)
            return false;
        crc = BinaryPrimitives.ReadUInt32LittleEndian(sector[4..]);
        if (crc != Crc(sector, salt))
            return false;
        header = new(
            (RecordKind)BinaryPrimitives.ReadUInt16LittleEndian(sector[44..]),
            BinaryPrimitives.ReadUInt32LittleEndian(sector[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(sector[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(sector[16..]),
            new(BinaryPrimitives.ReadUInt64LittleEndian(sector[24..])),
            BinaryPrimitives.ReadInt64LittleEndian(sector[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(sector[40..]),
            (int)BinaryPrimitives.ReadUInt32LittleEndian(sector[48..]),
            BinaryPrimitives.ReadUInt16LittleEndian(sector[46..]),
            BinaryPrimitives.ReadInt64LittleEndian(sector[56..])
        );
        return header.IsConsistent(sector);
    }

    public static RecordExtent ReadExtent(ReadOnlySpan<byte> sector, int number)
    {
        var at = sector.Slice(ExtentsAt + (number * ExtentBytes), ExtentBytes);
        return new(
            BinaryPrimitives.ReadInt64LittleEndian(at),
            BinaryPrimitives.ReadUInt32LittleEndian(at[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(at[12..]) != 0
        );
    }

    public static void WriteExtent(Span<byte> sector, int number, RecordExtent extent)
    {
        var at = sector.Slice(ExtentsAt + (number * ExtentBytes), ExtentBytes);
        BinaryPrimitives.WriteInt64LittleEndian(at, extent.Block);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], (uint)extent.Blocks);
        BinaryPrimitives.WriteUInt32LittleEndian(at[12..], extent.IsZeroes ? 1u : 0u);
    }

    private static uint Crc(ReadOnlySpan<byte> sector, uint salt) =>
        Crc32C.Append(Crc32C.Append(salt, sector[..4]), sector[8..HeaderBytes]);

    private bool IsConsistent(ReadOnlySpan<byte> sector)
    {
        if (
            Extents > ExtentsMax
            || SizeBytes is < HeaderBytes or > SizeMaxBytes
            || SizeBytes % HeaderBytes != 0
            || DataStart < HeaderBytes
            || DataStart > SizeBytes
            || Durable < 0
            || Durable > Offset
        )
            return false;
        if (Kind != RecordKind.Write)
            return Kind is RecordKind.Mark or RecordKind.Index or RecordKind.End && Extents == 0 && Detail >= 0;
        long dataBytes = 0;
        for (var i = 0; i < Extents; i++)
        {
            var extent = ReadExtent(sector, i);
            if (
                extent.Block < 0
                || extent.Blocks == 0
                || extent.EndBlock > DiskLengthMaxBytes / RecordExtent.BlockBytes
            )
                return false;
            dataBytes += extent.DataBytes;
        }
        return DataStart + dataBytes == SizeBytes;
    }
}

/// <summary>Blocks of the disk that a record changes: data, or zeroes that take no room.</summary>
internal readonly record struct RecordExtent(long Block, long Blocks, bool IsZeroes)
{
    public const int BlockBytes = 512;
    public const long BlocksMax = uint.MaxValue;

    public long EndBlock => Block + Blocks;

    public long DataBytes => IsZeroes ? 0 : Blocks * BlockBytes;

    /// <summary>How many pages of the disk have a piece of the data.</summary>
    public int Pieces =>
        IsZeroes ? 0 : (int)(((EndBlock - 1) / BlockIndex.PageBlocks) - (Block / BlockIndex.PageBlocks)) + 1;

    /// <summary>How many blocks the piece has that begins at a block.</summary>
    public int PieceBlocks(long block) =>
        (int)Math.Min(BlockIndex.PageBlocks - (block % BlockIndex.PageBlocks), EndBlock - block);
}
