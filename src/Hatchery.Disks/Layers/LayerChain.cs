namespace Hatchery.Disks;

/// <summary>
/// Closed layers on top of each other and of an image, read as one array: one index for all of them says where the newest state of
/// each block lies, so a read costs the same through one layer as through twenty. Shared by all sessions that use it. Thread-safe.
/// </summary>
internal sealed class LayerChain : IBlockReader
{
    private readonly Layer _layers;
    private readonly IBlockReader _below;
    private readonly IndexBudget? _indexes;
    private long _indexBytes;

    private LayerChain(IBlockReader below, long lengthBytes, IndexBudget? indexes) =>
        (_layers, _below, _indexes, Layer, LengthBytes) = (
            new(lengthBytes / RecordExtent.BlockBytes, below),
            below,
            indexes,
            below.Layer,
            lengthBytes
        );

    public LayerId Layer { get; private set; }

    public long LengthBytes { get; }

    public int SectorBytes => _below.SectorBytes;

    public DiskStatus Read(long offset, Span<byte> destination, out StoreFault? fault) =>
        _layers.Read(offset, destination, out fault);

    public void Dispose()
    {
        _layers.Dispose();
        _below.Dispose();
        _indexes?.Add(-_indexBytes);
    }

    /// <param name="chain">The lowest first; each lies on the one before, and its disk is no shorter: what a longer one adds reads as zeroes below it.</param>
    /// <param name="below">The chain's from now on, also when it is not opened.</param>
    public static StoreOutcome<IBlockReader> Open(
        IFileSystem files,
        FilePool pool,
        FarmId farm,
        IReadOnlyList<(LayerId Layer, string Path, long DiskLengthBytes)> chain,
        IBlockReader below,
        IndexBudget? indexes = null
    )
    {
        var opened = new LayerChain(below, chain[^1].DiskLengthBytes, indexes);
        var slots = 0;
        foreach (var (layer, path, lengthBytes) in chain)
            if (opened.Add(files, pool, new(path, farm, layer, opened.Layer, lengthBytes), ref slots) is { } fault)
            {
                opened.Dispose();
                return fault;
            }
        return opened;
    }

    private StoreFault? Add(IFileSystem files, FilePool pool, LayerFile file, ref int slots)
    {
        if (_indexes?.WhyTight(file.Path) is { } tight)
            return tight;
        var fault = file.Load(files, pool, _layers, ref slots);
        Layer = file.Layer;
        _indexes?.Add(_layers.IndexMemoryBytes - _indexBytes);
        _indexBytes = _layers.IndexMemoryBytes;
        return fault;
    }
}
