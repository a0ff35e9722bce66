namespace Hatchery.Wire.Scsi;

/// <summary>Mode parameters of a disk with a volatile write cache (SPC-4 section 7.5, SBC-3 section 6.5); none can be changed.</summary>
public static class ModePages
{
    public const byte Caching = 0x08;
    public const byte Control = 0x0a;
    public const byte InformationalExceptions = 0x1c;
    public const byte All = 0x3f;

    private const byte ChangeableValues = 1;
    private const byte SavedValues = 3;

    /// <param name="pageAndControl">Byte 2 of MODE SENSE.</param>
    /// <param name="longHeader">The header of the 10 byte command.</param>
    /// <returns>Null when there is no such page, or saved values are wanted.</returns>
    public static byte[]? ToBytes(byte pageAndControl, byte subpage, bool longHeader, bool readOnly)
    {
        var (page, control) = ((byte)(pageAndControl & 0x3f), pageAndControl >> 6);
        if (control == SavedValues || subpage is not (0 or 0xff))
            return null;
        byte[] pages = page switch
        {
            Caching => CachingPage(control),
            Control => ControlPage(),
            InformationalExceptions => ExceptionsPage(),
            All => [.. CachingPage(control), .. ControlPage(), .. ExceptionsPage()],
            _ => [],
        };
        if (pages.Length == 0)
            return null;
        // DPOFUA: reads and writes take those bits.
        var device = (byte)((readOnly ? 0x80 : 0) | 0x10);
        return longHeader
            ? [0, (byte)(6 + pages.Length), 0, device, 0, 0, 0, 0, .. pages]
            : [(byte)(3 + pages.Length), 0, device, 0, .. pages];
    }

    // WCE: the cache is written behind, so that SYNCHRONIZE CACHE means something to the initiator.
    private static byte[] CachingPage(int control) =>
        [Caching, 18, control == ChangeableValues ? (byte)0 : (byte)0x04, .. new byte[17]];

    private static byte[] ControlPage() => [Control, 10, .. new byte[10]];

    private static byte[] ExceptionsPage() => [InformationalExceptions, 10, .. new byte[10]];
}
