namespace Hatchery.Disks;

/// <summary>Something that has a state for every block of a disk: a base image, or a layer on top of another.</summary>
internal interface IBlockReader
{
    LayerId Layer { get; }

    long LengthBytes { get; }

    /// <summary>Reads whole blocks inside the disk, into the caller's memory. Thread-safe.</summary>
    DiskStatus Read(long offset, Span<byte> destination);
}
