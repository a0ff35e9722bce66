using System.Text;

namespace Hatchery.Disks;

/// <summary>
/// A file beside the segments of a copy that must not be used any more, with the reason. A sync of it failed: the kernel may drop
/// what it could not write and call the next sync a success, so nothing that is read from the files later can show it. Or damage
/// was found while a device read from it.
/// </summary>
internal static class LostMark
{
    public const string SyncFailed = "a sync of it has failed, so what the disk holds of it is not known";

    private const string Name = "lost";
    private const int ReasonMaxBytes = 1024;

    /// <summary>The reason; null when there is no mark.</summary>
    public static string? Read(IFileSystem files, string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!files.Exists(path))
            return null;
        using var file = files.OpenRead(path);
        var bytes = new byte[ReasonMaxBytes];
        var count = file.Read(bytes, 0);
        return count > 0 ? Encoding.UTF8.GetString(bytes, 0, count) : SyncFailed;
    }

    /// <summary>The copy is begun anew.</summary>
    public static void Remove(IFileSystem files, string folder)
    {
        files.Delete(Path.Combine(folder, Name));
        files.SyncFolder(folder);
    }

    /// <summary>Does what a failing disk allows.</summary>
    public static void Make(IFileSystem files, string folder, string reason)
    {
        try
        {
            using (var file = files.Create(Path.Combine(folder, Name)))
            {
                var bytes = Encoding.UTF8.GetBytes(reason);
                file.Write([bytes.AsMemory(0, Math.Min(bytes.Length, ReasonMaxBytes))], 0);
                file.Sync();
            }
            files.SyncFolder(folder);
        }
        catch (IOException)
        {
            // The cache is over in this process all the same; see Store.
        }
    }
}
