namespace Hatchery.Disks;

/// <summary>An image as it is, without a write cache: every write is refused. Disposing it leaves the image open.</summary>
public sealed class ReadOnlyDisk(BaseImage image) : IDisk
{
    public long LengthBytes => image.LengthBytes;

    public int BlockSizeBytes => image.SectorBytes;

    public bool IsReadOnly => true;

    public ValueTask<DiskStatus> ReadAsync(
        long offset,
        Memory<byte> destination,
        CancellationToken cancellation = default
    ) =>
        new(
            BlockRange.IsInside(LengthBytes, offset, destination.Length)
                ? image.Read(offset, destination.Span)
                : DiskStatus.OutOfRange
        );

    public ValueTask<DiskStatus> WriteAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    ) => new(DiskStatus.ReadOnly);

    public ValueTask<DiskStatus> ZeroAsync(
        long offset,
        long lengthBytes,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    ) => new(DiskStatus.ReadOnly);

    public ValueTask<DiskStatus> FlushAsync(CancellationToken cancellation = default) => new(DiskStatus.Ok);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
