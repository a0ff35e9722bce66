namespace Hatchery.Disks;

/// <summary>
/// A file beside the segments of a copy that is lost: a sync of it failed. The kernel may drop what it could not write and
/// call the next sync a success, so nothing that is read from the files later can show it.
/// </summary>
internal static class LostMark
{
    public const string Reason = "a sync of it has failed, so what the disk holds of it is not known";

    private const string Name = "lost";

    public static bool Exists(IFileSystem files, string folder) => files.Exists(Path.Combine(folder, Name));

    /// <summary>Does what a failing disk allows.</summary>
    public static void Make(IFileSystem files, string folder)
    {
        try
        {
            using (var file = files.Create(Path.Combine(folder, Name)))
                file.Sync();
            files.SyncFolder(folder);
        }
        catch (IOException)
        {
            // The cache is over in this process all the same; see Store.
        }
    }
}
