namespace Hatchery.Boot.Files;

/// <summary>iPXE as Debian's package <c>ipxe</c> installs it.</summary>
public static class BootPrograms
{
    public const string DebianFolder = "/usr/lib/ipxe";

    /// <summary>What firmware may ask for; nothing else of the folder is given out through links.</summary>
    private static readonly string[] s_names =
    [
        "undionly.kpxe",
        "undionly.kkpxe",
        "ipxe.pxe",
        "ipxe.lkrn",
        "ipxe.efi",
        "ipxe-arm64.efi",
        "snponly.efi",
    ];

    public static BootFolder In(string folder = DebianFolder) => new(folder, s_names);
}
