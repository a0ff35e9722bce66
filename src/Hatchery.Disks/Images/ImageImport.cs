namespace Hatchery.Disks;

/// <summary>An image to be taken into a store.</summary>
/// <param name="Format">As qemu-img names it, or <c>vhd</c>; null: found out from the file. Raw images of unknown origin should say <c>raw</c>.</param>
/// <param name="SectorBytes">The logical block that machines see, 512 or 4096; the disk has to be a whole number of them.</param>
public sealed record ImageImport(
    LayerId Layer,
    string Name,
    string SourcePath,
    string? Format = null,
    string? KernelPath = null,
    string? InitrdPath = null,
    int SectorBytes = RecordExtent.BlockBytes
);
