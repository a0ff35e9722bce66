using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Boot.Files;

/// <summary>A folder whose regular files may be read over the network. What is opened is checked, not what was asked for: no
/// name and no symbolic link leads out of the folder.</summary>
/// <param name="path">The folder; it may be missing until it is asked.</param>
/// <param name="trusted">Names directly in the folder that may be links to elsewhere, because the operator's packages put them there
/// (Debian's <c>/usr/lib/ipxe/ipxe.efi</c> lies in <c>/boot</c>).</param>
public sealed class BootFolder(string path, IReadOnlyCollection<string>? trusted = null)
{
    private const int ReadOnlyWithoutWaiting = 0x80000 | 0x800; // O_CLOEXEC | O_NONBLOCK: a FIFO must not hold us up

    public string Path { get; } = path;

    /// <summary>Opens a file by its name below the folder; null for whatever is not to be had.</summary>
    public BootContent? TryOpen(string name)
    {
        var relative = name.TrimStart('/');
        if (relative.Length == 0 || relative.Contains('\0', StringComparison.Ordinal))
            return null;
        var full = System.IO.Path.Combine(Path, relative);
        var descriptor = open(full, ReadOnlyWithoutWaiting);
        if (descriptor < 0)
            return null;
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var may = trusted?.Contains(relative, StringComparer.Ordinal) == true || IsInside(descriptor);
        if (may && IsRegularFile(handle))
            return new(relative, handle, RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle));
        handle.Dispose();
        return null;
    }

    private bool IsInside(int descriptor)
    {
        var opened = RealPath($"/proc/self/fd/{descriptor}");
        var folder = RealPath(Path);
        return opened is not null
            && folder is not null
            && opened.StartsWith(folder.TrimEnd('/') + '/', StringComparison.Ordinal);
    }

    private static bool IsRegularFile(SafeFileHandle handle)
    {
        Span<byte> status = stackalloc byte[256];
        const int emptyPath = 0x1000;
        const uint type = 1;
        const int modeOffset = 28;
        return statx((int)handle.DangerousGetHandle(), "", emptyPath, type, ref MemoryMarshal.GetReference(status)) == 0
            && (MemoryMarshal.Read<ushort>(status[modeOffset..]) & 0xF000) == 0x8000;
    }

    private static string? RealPath(string path)
    {
        var buffer = new byte[4097];
        return realpath(path, buffer) == 0 ? null : Encoding.UTF8.GetString(buffer.AsSpan(0, buffer.IndexOf((byte)0)));
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc")]
    private static extern nint realpath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, byte[] resolved);

    [DllImport("libc")]
    private static extern int statx(
        int folder,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string path,
        int flags,
        uint mask,
        ref byte status
    );
}
