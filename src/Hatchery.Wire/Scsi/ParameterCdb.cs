using System.Buffers.Binary;

namespace Hatchery.Wire.Scsi;

/// <summary>The commands that ask for, or bring, a list of parameters, with the most bytes that may be moved.</summary>
/// <param name="Flags">Byte 1 of the CDB: EVPD, DBD, DESC, service action.</param>
/// <param name="Page">Page code, page control, report kind or reporting options, as the command has it.</param>
/// <param name="Subpage">Subpage, or the operation code that MAINTENANCE IN asks for.</param>
/// <param name="AllocationBytes">Allocation or parameter list length.</param>
public readonly record struct ParameterCdb(
    ScsiOpcode Opcode,
    byte Flags,
    byte Page,
    byte Subpage,
    ushort ServiceAction,
    uint AllocationBytes
)
{
    public static bool TryRead(ReadOnlySpan<byte> cdb, out ParameterCdb value)
    {
        value = default;
        if (cdb.Length < 16)
            return false;
        var opcode = (ScsiOpcode)cdb[0];
        var (page, subpage, action) = ((byte)0, (byte)0, (ushort)0);
        uint allocation;
        switch (opcode)
        {
            case ScsiOpcode.Inquiry:
                page = cdb[2];
                allocation = BinaryPrimitives.ReadUInt16BigEndian(cdb[3..]);
                break;
            case ScsiOpcode.RequestSense:
                allocation = cdb[4];
                break;
            case ScsiOpcode.ModeSense6:
                (page, subpage, allocation) = (cdb[2], cdb[3], cdb[4]);
                break;
            case ScsiOpcode.ModeSense10:
                (page, subpage) = (cdb[2], cdb[3]);
                allocation = BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]);
                break;
            case ScsiOpcode.Unmap:
                allocation = BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]);
                break;
            case ScsiOpcode.ReportLuns:
                page = cdb[2];
                allocation = BinaryPrimitives.ReadUInt32BigEndian(cdb[6..]);
                break;
            case ScsiOpcode.MaintenanceIn:
                (page, subpage) = (cdb[2], cdb[3]);
                action = BinaryPrimitives.ReadUInt16BigEndian(cdb[4..]);
                allocation = BinaryPrimitives.ReadUInt32BigEndian(cdb[6..]);
                break;
            case ScsiOpcode.ServiceActionIn16:
                allocation = BinaryPrimitives.ReadUInt32BigEndian(cdb[10..]);
                break;
            default:
                return false;
        }
        value = new(opcode, cdb[1], page, subpage, action, allocation);
        return true;
    }
}
