namespace Hatchery.Disks;

/// <summary>An image, with the layers on it, as it is and without a write cache: every write is refused. Disposing it leaves the image open.</summary>
/// <param name="onFault">Called for each read of bytes that are not what they were; null: nobody wants to know.</param>
public sealed class ReadOnlyDisk(IBlockReader image, Action<StoreFault>? onFault = null) : IDisk
{
    public long LengthBytes => image.LengthBytes;

    public int BlockSizeBytes => image.SectorBytes;

    public bool IsReadOnly => true;

    public ValueTask<DiskStatus> ReadAsync(
        long offset,
        Memory<byte> destination,
        CancellationToken cancellation = default
    )
    {
        if (!BlockRange.IsInside(LengthBytes, offset, destination.Length))
            return new(DiskStatus.OutOfRange);
        var status = image.Read(offset, destination.Span, out var fault);
        if (fault is not null)
            onFault?.Invoke(fault);
        return new(status);
    }

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
