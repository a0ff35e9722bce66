namespace Hatchery.Disks;

/// <summary>What a failed file operation means to a request.</summary>
internal static class FileErrors
{
    private const int NoSpaceLeft = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT

    /// <summary>.NET gives the system's error number as HResult where it has none of its own for it; a full disk has two faces.</summary>
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    // EINTR, EAGAIN, ENOMEM, ENFILE, EMFILE
    private static readonly int[] s_shortages = [4, 11, 12, 23, 24];

    /// <summary>The host is short of something just now, which says nothing about the disk.</summary>
    public static bool IsShortage(this IOException error) => error.IsNoSpace() || s_shortages.Contains(error.HResult);

    public static bool IsNoSpace(this IOException error) =>
        error.HResult is NoSpaceLeft or QuotaExceeded or WindowsDiskFull;

    public static DiskStatus Status(this IOException error) =>
        error.IsNoSpace() ? DiskStatus.NoSpace : DiskStatus.IoError;

    /// <summary>An error as the host reports a full disk.</summary>
    public static IOException NoSpace(string what) => new($"{what}: no space left", NoSpaceLeft);
}
