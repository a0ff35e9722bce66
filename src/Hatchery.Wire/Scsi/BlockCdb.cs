using System.Buffers.Binary;

namespace Hatchery.Wire.Scsi;

/// <summary>The commands that name a range of blocks, in their 6, 10, 12 and 16 byte forms (SBC-3 section 5).</summary>
/// <param name="Flags">Byte 1 of the CDB; zero in the 6 byte form, which has none.</param>
/// <param name="Blocks">How many blocks; 256 for a zero in the 6 byte form.</param>
public readonly record struct BlockCdb(ScsiOpcode Opcode, byte Flags, ulong Lba, uint Blocks)
{
    /// <summary>The data shall be durable before the command ends.</summary>
    public bool ForceUnitAccess => (Flags & 0x08) != 0;

    /// <summary>RDPROTECT, WRPROTECT or VRPROTECT: protection information, which these disks do not have.</summary>
    public int Protection => Flags >> 5;

    /// <summary>BYTCHK of VERIFY: 0 checks the medium, 1 compares with all data sent, 3 with one block.</summary>
    public int ByteCheck => (Flags >> 1) & 3;

    /// <summary>UNMAP of WRITE SAME.</summary>
    public bool Unmap => (Flags & 0x08) != 0;

    /// <summary>ANCHOR of WRITE SAME.</summary>
    public bool Anchor => (Flags & 0x10) != 0;

    /// <summary>NDOB of WRITE SAME (16): no data is sent, zeroes are meant.</summary>
    public bool NoData => (Flags & 0x01) != 0;

    /// <summary>False when the opcode names no range of blocks.</summary>
    public static bool TryRead(ReadOnlySpan<byte> cdb, out BlockCdb value)
    {
        value = default;
        if (cdb.Length < 16)
            return false;
        var opcode = (ScsiOpcode)cdb[0];
        switch (opcode)
        {
            case ScsiOpcode.Read6 or ScsiOpcode.Write6:
                var lba = (uint)((cdb[1] & 0x1f) << 16) | BinaryPrimitives.ReadUInt16BigEndian(cdb[2..]);
                value = new(opcode, 0, lba, cdb[4] == 0 ? 256u : cdb[4]);
                return true;
            case ScsiOpcode.Read10
            or ScsiOpcode.Write10
            or ScsiOpcode.WriteAndVerify10
            or ScsiOpcode.Verify10
            or ScsiOpcode.Prefetch10
            or ScsiOpcode.SynchronizeCache10
            or ScsiOpcode.WriteSame10:
                value = new(
                    opcode,
                    cdb[1],
                    BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]),
                    BinaryPrimitives.ReadUInt16BigEndian(cdb[7..])
                );
                return true;
            case ScsiOpcode.Read12 or ScsiOpcode.Write12 or ScsiOpcode.WriteAndVerify12 or ScsiOpcode.Verify12:
                value = new(
                    opcode,
                    cdb[1],
                    BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]),
                    BinaryPrimitives.ReadUInt32BigEndian(cdb[6..])
                );
                return true;
            case ScsiOpcode.Read16
            or ScsiOpcode.Write16
            or ScsiOpcode.WriteAndVerify16
            or ScsiOpcode.Verify16
            or ScsiOpcode.Prefetch16
            or ScsiOpcode.SynchronizeCache16
            or ScsiOpcode.WriteSame16:
                value = new(
                    opcode,
                    cdb[1],
                    BinaryPrimitives.ReadUInt64BigEndian(cdb[2..]),
                    BinaryPrimitives.ReadUInt32BigEndian(cdb[10..])
                );
                return true;
            case ScsiOpcode.CompareAndWrite:
                value = new(opcode, cdb[1], BinaryPrimitives.ReadUInt64BigEndian(cdb[2..]), cdb[13]);
                return true;
            default:
                return false;
        }
    }
}
