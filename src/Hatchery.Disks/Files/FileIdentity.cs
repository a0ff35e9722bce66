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
        var fields = stackalloc byte[BufferBytes];
        Look(path, fields);
        return string.Join(
            ':',
            PlaceIn(fields),
            *(ulong*)(fields + 40),
            *(long*)(fields + 112),
            *(uint*)(fields + 120),
            *(long*)(fields + 96),
            *(uint*)(fields + 104)
        );
    }

    /// <summary>Device and inode alone: the same file, whatever became of it.</summary>
    /// <exception cref="IOException">There is no such file, or it cannot be looked at.</exception>
    public static string PlaceOf(string path)
    {
        var fields = stackalloc byte[BufferBytes];
        Look(path, fields);
        return PlaceIn(fields);
    }

    private static string PlaceIn(byte* fields) =>
        string.Join(':', *(uint*)(fields + 136), *(uint*)(fields + 140), *(ulong*)(fields + 32));

    /// <param name="fields">Linux's struct statx, which is the same on every architecture.</param>
    private static void Look(string path, byte* fields)
    {
        if (Statx(WorkingFolder, path, 0, BasicFields, fields) != 0)
            throw new FileNotFoundException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* buffer);
}
