namespace Hatchery.Disks;

/// <summary>Standard image mode: a shared image below, one device's write cache on top.</summary>
/// <param name="sectorBytes">The logical block that the machine sees; the cache itself is in blocks of 512 bytes.</param>
/// <remarks>Disposing it closes the cache; the image stays open, for others read it too.</remarks>
public sealed class OverlayDisk(WriteCache cache, int sectorBytes = RecordExtent.BlockBytes) : IDisk
{
    public long LengthBytes => cache.Identity.DiskLengthBytes;

    public int BlockSizeBytes => sectorBytes;

    public bool IsReadOnly => false;

    public WriteCache Cache => cache;

    public ValueTask<DiskStatus> ReadAsync(
        long offset,
        Memory<byte> destination,
        CancellationToken cancellation = default
    ) =>
        new(
            BlockRange.IsInside(LengthBytes, offset, destination.Length)
                ? cache.Read(offset, destination.Span)
                : DiskStatus.OutOfRange
        );

    public ValueTask<DiskStatus> WriteAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    )
    {
        if (!BlockRange.IsInside(LengthBytes, offset, data.Length))
            return new(DiskStatus.OutOfRange);
        var written = cache.WriteAsync(offset, data, cancellation);
        return forceUnitAccess ? ThenFlushAsync(written) : written;
    }

    public ValueTask<DiskStatus> ZeroAsync(
        long offset,
        long lengthBytes,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    )
    {
        if (!BlockRange.IsInside(LengthBytes, offset, lengthBytes))
            return new(DiskStatus.OutOfRange);
        var zeroed = cache.ZeroAsync(offset, lengthBytes, cancellation);
        return forceUnitAccess ? ThenFlushAsync(zeroed) : zeroed;
    }

    public ValueTask<DiskStatus> FlushAsync(CancellationToken cancellation = default) => cache.FlushAsync(cancellation);

    public void BeginGathering() => cache.BeginGathering();

    public void EndGathering() => cache.EndGathering();

    public ValueTask DisposeAsync() => cache.DisposeAsync();

    private async ValueTask<DiskStatus> ThenFlushAsync(ValueTask<DiskStatus> written)
    {
        var status = await written;
        return status == DiskStatus.Ok ? await cache.FlushAsync() : status;
    }
}
