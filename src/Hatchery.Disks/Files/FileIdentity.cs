using System.Runtime.InteropServices;

namespace Hatchery.Disks;

/// <summary>
/// Which file lies at a path, and in which state: device, inode, length, and the times of the last change of its content and of
/// anything about it. The last of these cannot be set by any program, so the same identity is the same content.
/// </summary>
internal static unsafe partial class FileIdentity
{
    private const int WorkingFolder = -100; // AT_FDCWD
    private const uint BasicFields = 0x7ff; // STATX_BASIC_STATS
    private const int BufferBytes = 256;

    /// <exception cref="IOException">There is no such file, or it cannot be looked at.</exception>
    public static string Of(string path)
    {
        // Linux's struct statx, which is the same on every architecture.
        var fields = stackalloc byte[BufferBytes];
        if (Statx(WorkingFolder, path, 0, BasicFields, fields) != 0)
            throw new FileNotFoundException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
        return string.Join(
            ':',
            *(uint*)(fields + 136),
            *(uint*)(fields + 140),
            *(ulong*)(fields + 32),
            *(ulong*)(fields + 40),
            *(long*)(fields + 112),
            *(uint*)(fields + 120),
            *(long*)(fields + 96),
            *(uint*)(fields + 104)
        );
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* buffer);
}
