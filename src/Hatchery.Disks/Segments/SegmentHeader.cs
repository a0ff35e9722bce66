using System.Buffers.Binary;

namespace Hatchery.Disks;

/// <summary>The first 4,096 bytes of a segment: whose it is, and where the segment before it ends. See FORMAT.md.</summary>
/// <param name="Incompatible">Features without which the file cannot be read; a bit that this version does not know refuses the file.</param>
/// <param name="Number">1 for a layer's first segment, then one higher each.</param>
/// <param name="DiskLengthBytes">The length of the disk that the layer belongs to.</param>
/// <param name="HostRun">The run of the host's kernel in which the segment was written: once it is over, unsynced bytes may be lost in any order.</param>
/// <param name="PreviousLength">Where the segment before ends; bytes beyond it are none of the layer's. 0 in the first.</param>
/// <param name="PreviousChain">The chained CRC at that end.</param>
/// <param name="Salt">Random; it starts the CRC of each record's header, so that no guest can write data that looks like one.</param>
internal sealed record SegmentHeader(
    ulong Compatible,
    ulong Incompatible,
    FarmId Farm,
    DeviceId Device,
    BootId Boot,
    Epoch Epoch,
    LayerId Layer,
    LayerId Parent,
    ulong Number,
    long DiskLengthBytes,
    Guid HostRun,
    long PreviousLength,
    uint PreviousChain,
    uint Salt
)
{
    /// <summary>Segments that are gone since nothing in them was needed any more, in order and apart from each other.</summary>
    public IReadOnlyList<SegmentGap> Gaps { get; init; } = [];

    public const int SizeBytes = 4096;
    public const uint Version = 1;

    /// <summary>Incompatible feature: the index has the checksum of each piece, and the header names segments that were removed.</summary>
    public const ulong CheckedPieces = 1;

    /// <summary>How many gaps in a row of segments a header can tell of.</summary>
    public const int GapsMax = 128;

    private const ulong KnownIncompatible = CheckedPieces;
    private const int GapCountAt = 168;
    private const int GapsAt = 176;

    private const int CrcAt = SizeBytes - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "HATCHSEG"u8;

    /// <summary>Writes 4,096 bytes; the answer is their CRC, to which the first record is chained.</summary>
    public uint Write(Span<byte> page)
    {
        page[..SizeBytes].Clear();
        Magic.CopyTo(page);
        BinaryPrimitives.WriteUInt32LittleEndian(page[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(page[12..], SizeBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(page[16..], Compatible);
        BinaryPrimitives.WriteUInt64LittleEndian(page[24..], Incompatible);
        WriteId(page[32..], Farm.Value);
        WriteId(page[48..], Device.Value);
        WriteId(page[64..], Boot.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(page[80..], Epoch.Value);
        WriteId(page[88..], Layer.Value);
        WriteId(page[104..], Parent.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(page[120..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(page[128..], DiskLengthBytes);
        WriteId(page[136..], HostRun);
        BinaryPrimitives.WriteInt64LittleEndian(page[152..], PreviousLength);
        BinaryPrimitives.WriteUInt32LittleEndian(page[160..], PreviousChain);
        BinaryPrimitives.WriteUInt32LittleEndian(page[164..], Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(page[GapCountAt..], (uint)Gaps.Count);
        for (var i = 0; i < Gaps.Count; i++)
            Gaps[i].Write(page[(GapsAt + (i * SegmentGap.SizeBytes))..]);
        var crc = Crc32C.Append(0, page[..CrcAt]);
        BinaryPrimitives.WriteUInt32LittleEndian(page[CrcAt..], crc);
        return crc;
    }

    /// <param name="crc">The header's CRC, to which the first record is chained.</param>
    public static SegmentHeaderState TryRead(ReadOnlySpan<byte> page, out SegmentHeader? header, out uint crc)
    {
        (header, crc) = (null, 0);
        if (page.Length < SizeBytes || !page.StartsWith(Magic))
            return SegmentHeaderState.Damaged;
        crc = BinaryPrimitives.ReadUInt32LittleEndian(page[CrcAt..]);
        if (crc != Crc32C.Append(0, page[..CrcAt]))
            return SegmentHeaderState.Damaged;
        if (
            BinaryPrimitives.ReadUInt32LittleEndian(page[8..]) != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(page[12..]) != SizeBytes
            || (BinaryPrimitives.ReadUInt64LittleEndian(page[24..]) & ~KnownIncompatible) != 0
        )
            return SegmentHeaderState.Unsupported;
        header = new(
            BinaryPrimitives.ReadUInt64LittleEndian(page[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(page[24..]),
            new(ReadId(page[32..])),
            new(ReadId(page[48..])),
            new(ReadId(page[64..])),
            new(BinaryPrimitives.ReadUInt64LittleEndian(page[80..])),
            new(ReadId(page[88..])),
            new(ReadId(page[104..])),
            BinaryPrimitives.ReadUInt64LittleEndian(page[120..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[128..]),
            ReadId(page[136..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[152..]),
            BinaryPrimitives.ReadUInt32LittleEndian(page[160..]),
            BinaryPrimitives.ReadUInt32LittleEndian(page[164..])
        );
        var gaps = ReadGaps(page, header);
        header = header with { Gaps = gaps ?? [] };
        var sane =
            gaps is not null
            && header.DiskLengthBytes is >= 0 and <= RecordHeader.DiskLengthMaxBytes
            && header.PreviousLength >= 0
            && header.Number is >= 1 and <= BlockLocation.SegmentMax;
        return sane ? SegmentHeaderState.Whole : SegmentHeaderState.Damaged;
    }

    /// <summary>Null when they are not in order, or reach up to this segment.</summary>
    private static SegmentGap[]? ReadGaps(ReadOnlySpan<byte> page, SegmentHeader header)
    {
        if ((header.Incompatible & CheckedPieces) == 0)
            return [];
        var count = BinaryPrimitives.ReadUInt32LittleEndian(page[GapCountAt..]);
        if (count > GapsMax)
            return null;
        var gaps = new SegmentGap[count];
        ulong next = 1;
        for (var i = 0; i < gaps.Length; i++)
        {
            gaps[i] = SegmentGap.Read(page[(GapsAt + (i * SegmentGap.SizeBytes))..]);
            if (gaps[i].First < next || gaps[i].Count == 0 || gaps[i].End > header.Number)
                return null;
            next = gaps[i].End + 1;
        }
        return gaps;
    }

    private static void WriteId(Span<byte> at, Guid id) => id.TryWriteBytes(at, bigEndian: true, out _);

    private static Guid ReadId(ReadOnlySpan<byte> at) => new(at[..16], bigEndian: true);
}

internal enum SegmentHeaderState
{
    Whole,
    Damaged,

    /// <summary>Written by a later version, or with features that this one does not know.</summary>
    Unsupported,
}
