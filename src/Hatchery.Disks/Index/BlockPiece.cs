namespace Hatchery.Disks;

/// <summary>Consecutive blocks of a disk that have one source; when that is a segment, a part of the piece that was written, and checked, as one.</summary>
/// <param name="Location">Of the piece's first block.</param>
/// <param name="Blocks">Of the piece: 1 to 8; 0 when its source is no segment.</param>
/// <param name="Skip">Blocks of the piece before the wanted ones.</param>
/// <param name="Take">Wanted blocks.</param>
/// <param name="Crc">Of the whole piece.</param>
internal readonly record struct BlockPiece(BlockLocation Location, int Blocks, int Skip, long Take, uint Crc)
{
    public BlockSource Source => Location.Source;
}

/// <summary>What an index still needs of a segment.</summary>
/// <param name="Block">The first block of the piece, or of the zeroes.</param>
/// <param name="Blocks">1 to 8 for data, any number for zeroes.</param>
/// <param name="LiveMask">Data: bit n stands for block n of the piece, set when nothing newer hides it.</param>
internal readonly record struct LivePiece(
    long Block,
    long Blocks,
    BlockLocation Location,
    uint Crc = 0,
    byte LiveMask = 0
)
{
    public bool IsZeroes => Location.Source == BlockSource.Zeroes;
}
