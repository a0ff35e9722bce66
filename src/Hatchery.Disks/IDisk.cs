namespace Hatchery.Disks;

/// <summary>
/// A disk as one session sees it, shared by all its connections; every member may be called concurrently.
/// Offsets and lengths are bytes, multiples of <see cref="BlockSizeBytes"/>.
/// </summary>
/// <remarks>
/// A completed write is visible to every later read. <see cref="FlushAsync"/> makes durable every write that completed
/// before it was called, on whichever connection. A cached read completes synchronously.
/// </remarks>
public interface IDisk : IAsyncDisposable
{
    long LengthBytes { get; }

    /// <summary>The logical block: 512 or 4096.</summary>
    int BlockSizeBytes { get; }

    bool IsReadOnly { get; }

    ValueTask<DiskStatus> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellation = default);

    /// <param name="forceUnitAccess">Complete only when this write, and all that completed before it, is durable.</param>
    ValueTask<DiskStatus> WriteAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    );

    /// <summary>The range reads as zeroes from now on; a discard is the same.</summary>
    ValueTask<DiskStatus> ZeroAsync(
        long offset,
        long lengthBytes,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    );

    ValueTask<DiskStatus> FlushAsync(CancellationToken cancellation = default);

    /// <summary>More writes follow at once: the disk may keep them until <see cref="EndGathering"/>, so that they go together.</summary>
    /// <remarks>Each call is followed by one of <see cref="EndGathering"/>, with nothing awaited between the two.</remarks>
    void BeginGathering() { }

    /// <summary>No more writes follow: what was kept is carried out.</summary>
    void EndGathering() { }
}
