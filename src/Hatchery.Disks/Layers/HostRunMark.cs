using System.Buffers.Binary;

namespace Hatchery.Disks;

/// <summary>
/// In which run of this host's kernel a copy of another server's write cache was written, beside its segments, whose headers name the run of the
/// server that wrote them first. Without it the newest header counts.
/// </summary>
internal static class HostRunMark
{
    private const string Name = "run";
    private const int SizeBytes = 28;

    private static ReadOnlySpan<byte> Magic => "HATCHRUN"u8;

    public static void Write(IFileSystem files, string folder)
    {
        var bytes = new byte[SizeBytes];
        Magic.CopyTo(bytes);
        files.HostRun.TryWriteBytes(bytes.AsSpan(8), bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), Crc32C.Append(0, bytes.AsSpan(0, 24)));
        var fresh = Path.Combine(folder, Name + ".new");
        using (var file = files.Create(fresh))
        {
            file.Write([bytes], 0);
            file.Sync();
        }
        files.Rename(fresh, Path.Combine(folder, Name));
        files.SyncFolder(folder);
    }

    /// <summary>The run; null when there is no mark; that of no host when it is damaged.</summary>
    public static Guid? Read(IFileSystem files, string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!files.Exists(path))
            return null;
        using var file = files.OpenRead(path);
        Span<byte> bytes = stackalloc byte[SizeBytes];
        var whole =
            file.Read(bytes, 0) == SizeBytes
            && bytes.StartsWith(Magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]) == Crc32C.Append(0, bytes[..24]);
        return whole ? new Guid(bytes.Slice(8, 16), bigEndian: true) : Guid.Empty;
    }
}
