namespace Hatchery.Disks;

/// <summary>Up to a MiB of what is still needed of segments that are being compacted, read and checked.</summary>
internal sealed class MoveBatch(int bytesMax)
{
    public const int BytesMost = 1 << 20;

    private const int PiecesMax = 4096;

    private readonly byte[] _buffer = new byte[bytesMax];

    public List<(LivePiece Piece, int At)> Pieces { get; } = [];

    public int Bytes { get; private set; }

    public bool IsFull =>
        Bytes > bytesMax - (BlockIndex.PageBlocks * RecordExtent.BlockBytes) || Pieces.Count == PiecesMax;

    /// <summary>Takes a piece in; the answer is where its data belong.</summary>
    public Span<byte> Add(LivePiece piece)
    {
        var length = piece.IsZeroes ? 0 : (int)piece.Blocks * RecordExtent.BlockBytes;
        Pieces.Add((piece, Bytes));
        var room = _buffer.AsSpan(Bytes, length);
        Bytes += length;
        return room;
    }

    public ReadOnlyMemory<byte> Data(int at, long blocks) =>
        _buffer.AsMemory(at, (int)blocks * RecordExtent.BlockBytes);

    public void Clear()
    {
        Pieces.Clear();
        Bytes = 0;
    }
}
