using System.Buffers.Binary;

namespace Hatchery.Wire.Scsi;

/// <summary>Logical unit numbers: one disk to a target, number 0 (SAM-5 section 4.7, SPC-4 section 6.33).</summary>
public static class LunList
{
    /// <summary>REPORT LUNS of a target whose only unit is number 0.</summary>
    public static byte[] OfOneUnit()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 8);
        return bytes;
    }

    public static byte[] OfNoUnit() => new byte[8];

    /// <summary>Number 0 in peripheral or flat addressing.</summary>
    public static bool IsUnitZero(ulong lun) => lun is 0 or 0x4000_0000_0000_0000;
}
