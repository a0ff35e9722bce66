namespace Hatchery.Disks;

/// <summary>Something that has a state for every block of a disk: a base image, or closed layers on top of one.</summary>
public interface IBlockReader : IDisposable
{
    /// <summary>The layer that a write cache on top of it names as its parent.</summary>
    LayerId Layer { get; }

    long LengthBytes { get; }

    /// <summary>The logical block that machines see: 512 or 4096.</summary>
    int SectorBytes => RecordExtent.BlockBytes;

    /// <summary>Reads whole blocks inside the disk, into the caller's memory. Thread-safe.</summary>
    /// <param name="fault">What is wrong, when bytes that had been durable are not what they were.</param>
    DiskStatus Read(long offset, Span<byte> destination, out StoreFault? fault);
}
