using System.Buffers.Binary;

namespace Hatchery.Disks;

/// <summary>A cache's durable promise to refuse every epoch below one; a file beside its segments.</summary>
internal static class EpochPromise
{
    private const string Name = "promise";
    private const int SizeBytes = 20;

    private static ReadOnlySpan<byte> Magic => "HATCHPRM"u8;

    public static void Write(IFileSystem files, string folder, Epoch epoch)
    {
        var bytes = new byte[SizeBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), epoch.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), Crc32C.Append(0, bytes.AsSpan(0, 16)));
        var fresh = Path.Combine(folder, Name + ".new");
        using (var file = files.Create(fresh))
        {
            file.Write([bytes], 0);
            file.Sync();
        }
        files.Rename(fresh, Path.Combine(folder, Name));
        files.SyncFolder(folder);
    }

    /// <summary>The promise; e0 when none was made; null when the file is damaged.</summary>
    public static Epoch? Read(IFileSystem files, string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!files.Exists(path))
            return default(Epoch);
        using var file = files.OpenRead(path);
        Span<byte> bytes = stackalloc byte[SizeBytes];
        var whole =
            file.Read(bytes, 0) == SizeBytes
            && bytes.StartsWith(Magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) == Crc32C.Append(0, bytes[..16]);
        return whole ? new Epoch(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])) : null;
    }
}
