namespace EndToEnd;

/// <summary>What deploy/machine.sh can put into a machine.</summary>
internal static class Firmware
{
    /// <summary>QEMU's iPXE ROM in a PC's BIOS.</summary>
    public const string Bios = "bios";

    /// <summary>OVMF by its own PXE.</summary>
    public const string UefiPxe = "uefi-pxe";

    /// <summary>OVMF by HTTP Boot alone.</summary>
    public const string UefiHttp = "uefi-http";
}
