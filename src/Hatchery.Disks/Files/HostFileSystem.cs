using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>The host's files.</summary>
internal sealed partial class HostFileSystem : IFileSystem
{
    private const string RunIdPath = "/proc/sys/kernel/random/boot_id";

    public static HostFileSystem Instance { get; } = new();

    public Guid HostRun { get; } =
        File.Exists(RunIdPath) ? Guid.Parse(File.ReadAllText(RunIdPath), CultureInfo.InvariantCulture) : Guid.Empty;

    public ISegmentFile Create(string path) => Open(path, FileMode.Create, FileAccess.ReadWrite);

    public ISegmentFile OpenRead(string path) => Open(path, FileMode.Open, FileAccess.Read);

    public ISegmentFile OpenWrite(string path) => Open(path, FileMode.Open, FileAccess.ReadWrite);

    public bool Exists(string path) => File.Exists(path);

    public void CreateFolder(string path) => Directory.CreateDirectory(path);

    public IReadOnlyList<string> List(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!)] : [];

    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void Delete(string path) => File.Delete(path);

    public void SyncFolder(string path)
    {
        const int ReadOnlyCloseOnExec = 0x80000;
        var folder = Open(path, ReadOnlyCloseOnExec);
        if (folder < 0)
            throw new IOException($"{path}: cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        using var handle = new SafeFileHandle(folder, ownsHandle: true);
        if (Fsync(handle) != 0)
            throw new IOException($"{path}: cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static HostFile Open(string path, FileMode mode, FileAccess access)
    {
        try
        {
            // Locks of single files are not wanted: the store's lock covers them all.
            return new(File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);
}
