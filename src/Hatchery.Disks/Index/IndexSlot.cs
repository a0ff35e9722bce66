using System.Runtime.InteropServices;

namespace Hatchery.Disks;

/// <summary>12 bytes of a <see cref="BlockIndex"/>: a page of the disk, a run of pages that are zeroes, or a part of a page.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal struct IndexSlot(int at, BlockLocation location, uint crc)
{
    private const ulong PartsSource = 3;
    private const ulong LowMask = (1UL << BlockLocation.OffsetBits) - 1;

    private ushort _at = (ushort)at;
    private readonly ushort _high = (ushort)(location.Packed >> 32);
    private readonly uint _low = (uint)location.Packed;

    /// <summary>CRC of the piece that lies there.</summary>
    public readonly uint Crc = crc;

    /// <summary>In a leaf: the page, counted from the leaf's first.</summary>
    public int At
    {
        readonly get => _at;
        set => _at = (ushort)value;
    }

    private readonly ulong Packed => ((ulong)_high << 32) | _low;

    public readonly BlockLocation Location => new(Packed);

    public readonly bool IsParts => Packed >> BlockLocation.SourceShift == PartsSource;

    public readonly bool IsData => Packed >> BlockLocation.SourceShift == (ulong)BlockSource.Segment;

    public readonly bool IsZeroes => Packed >> BlockLocation.SourceShift == (ulong)BlockSource.Zeroes;

    /// <summary>Of zeroes: how many pages.</summary>
    public readonly int RunPages => (int)(Packed & LowMask);

    /// <summary>Of a page whose blocks lie apart: where its eight parts are.</summary>
    public readonly int PartsItem => (int)_low;

    /// <summary>Of a part: the first block, in its page, of the piece that it belongs to.</summary>
    public readonly int PieceFirst => _at & 7;

    /// <summary>Of a part: how many blocks that piece has.</summary>
    public readonly int PieceBlocks => _at >> 3;

    public static IndexSlot Parts(int item) => new(0, new((PartsSource << BlockLocation.SourceShift) | (uint)item), 0);

    public static IndexSlot ZeroRun(int at, int segment, int pages) =>
        new(at, new(BlockLocation.ZeroesBy(segment).Packed | (uint)pages), 0);

    public static IndexSlot Part(int first, int blocks, BlockLocation location, uint crc) =>
        new(first | (blocks << 3), location, crc);

    /// <summary>A whole page as one of its blocks.</summary>
    public readonly IndexSlot AsPart() =>
        IsZeroes ? new(0, BlockLocation.ZeroesBy(Location.Segment), 0)
        : IsData ? Part(0, BlockIndex.PageBlocks, Location, Crc)
        : default;
}
