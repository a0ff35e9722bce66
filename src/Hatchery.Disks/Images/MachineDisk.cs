namespace Hatchery.Disks;

/// <summary>A machine's own disk, which the machine sends to have an image made of it.</summary>
/// <param name="Name">Of the vDisk that is to be.</param>
/// <param name="Machine">Whose it is, for people.</param>
/// <param name="SectorBytes">The disk's logical block, 512 or 4096, which the image has too.</param>
public sealed record MachineDisk(
    LayerId Layer,
    string Name,
    string Machine,
    long LengthBytes,
    int SectorBytes,
    string? KernelPath = null,
    string? InitrdPath = null
);
