namespace Hatchery.Disks;

/// <summary>A format that images are written in, by the word that operators say.</summary>
/// <param name="Driver">What qemu-img calls it.</param>
/// <param name="Options">Of that driver; null for none. VHD holds the exact size only by force: else it is rounded to what cylinders and heads can say.</param>
public sealed record ExportFormat(string Name, string Driver, string? Options = null)
{
    private const int BytesPerTableByte = 1024;
    private const long HeadersMaxBytes = 4 << 20;

    public static IReadOnlyList<ExportFormat> All { get; } =
    [
        new("raw", "raw"),
        new("qcow2", "qcow2"),
        new("vhd", "vpc", "subformat=fixed,force_size=on"),
        new("vhd-dynamic", "vpc", "subformat=dynamic,force_size=on"),
        new("vhdx", "vhdx"),
        new("vmdk", "vmdk"),
    ];

    /// <summary>What a byte of data takes in a file at least.</summary>
    internal long ClusterBytes => Driver == "raw" ? 1 : 64 << 10;

    /// <summary>What a file takes beside its data, at most.</summary>
    internal long TableBytes(ImageSlices slices) =>
        Driver == "raw" ? 0 : (slices.DiskBytes / BytesPerTableByte) + HeadersMaxBytes;

    public static ExportFormat? Find(string name) => All.FirstOrDefault(f => f.Name == name);

    /// <summary>What a file's ending says: <c>.qcow2</c>, <c>.vhd</c> (fixed), ...; anything else is raw.</summary>
    public static ExportFormat OfFile(string path) =>
        Find(Path.GetExtension(path).TrimStart('.').ToLowerInvariant()) ?? All[0];
}
