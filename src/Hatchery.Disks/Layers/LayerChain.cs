namespace Hatchery.Disks;

/// <summary>
/// Closed layers on top of each other and of an image, read as one array: one index for all of them says where the newest state of
/// each block lies, so a read costs the same through one layer as through twenty. Shared by all sessions that use it. Thread-safe.
/// </summary>
public sealed class LayerChain : IBlockReader, IDisposable
{
    private readonly Layer _layers;
    private readonly IndexBudget? _indexes;
    private readonly long _indexBytes;

    private LayerChain(Layer layers, LayerId top, long lengthBytes, IndexBudget? indexes)
    {
        (_layers, Layer, LengthBytes, _indexes) = (layers, top, lengthBytes, indexes);
        _indexBytes = layers.IndexMemoryBytes;
        indexes?.Add(_indexBytes);
    }

    /// <summary>The one on top.</summary>
    public LayerId Layer { get; }

    public long LengthBytes { get; }

    public DiskStatus Read(long offset, Span<byte> destination, out StoreFault? fault) =>
        _layers.Read(offset, destination, out fault);

    public void Dispose()
    {
        _layers.Dispose();
        _indexes?.Add(-_indexBytes);
    }

    /// <param name="folders">Of each layer, the lowest first; each names the one before as its parent.</param>
    internal static StoreOutcome<LayerChain> Open(
        IFileSystem files,
        FilePool pool,
        IReadOnlyList<string> folders,
        IBlockReader below,
        IndexBudget? indexes = null
    )
    {
        var layers = new Layer(below.LengthBytes / RecordExtent.BlockBytes, below);
        var top = below.Layer;
        var slots = 0;
        foreach (var folder in folders)
        {
            var load = new LayerLoad(files, pool, folder);
            if (Add(load, folder) is { } fault)
            {
                load.Dispose();
                layers.Dispose();
                return fault;
            }
            top = load.Identity!.Layer;
            slots += load.Segments[^1].Number;
        }
        return new LayerChain(layers, top, below.LengthBytes, indexes);

        StoreFault? Add(LayerLoad load, string folder)
        {
            try
            {
                if (load.Open() is { } fault)
                    return fault;
                if (load.Identity!.Parent != top || load.Identity.DiskLengthBytes != below.LengthBytes)
                    return new(StoreFaultKind.Refused, folder, "the layer lies on another one, or is of another disk");
                if (load.Read(layers, verifyMaxBytes: 0, slots, takesClosedIndex: true) is { } damage)
                    return damage;
                return load.IsClosed ? null : new(StoreFaultKind.Refused, folder, "the layer was never closed");
            }
            catch (IOException error)
            {
                return StoreFault.From(error, folder);
            }
        }
    }
}
