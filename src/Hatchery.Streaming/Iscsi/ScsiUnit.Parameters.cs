using System.Buffers.Binary;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Iscsi;

internal sealed partial class ScsiUnit
{
    private const byte EnableVpd = 0x01;
    private const byte DescriptorFormat = 0x01;

    private static StandardInquiry Inquiry { get; } =
        new(DiskIdentity.Vendor, DiskIdentity.Product, DiskIdentity.Revision);

    private ScsiPlan PlanParameters(in ParameterCdb cdb) =>
        cdb.Opcode switch
        {
            ScsiOpcode.Inquiry => PlanInquiry(cdb),
            ScsiOpcode.RequestSense => PlanSense(cdb, SenseData.None),
            ScsiOpcode.ReportLuns => PlanLuns(cdb),
            ScsiOpcode.ModeSense6 => PlanModeSense(cdb, longHeader: false),
            ScsiOpcode.ModeSense10 => PlanModeSense(cdb, longHeader: true),
            ScsiOpcode.Unmap => PlanUnmap(cdb),
            ScsiOpcode.ServiceActionIn16 when (cdb.Flags & 0x1f) == ScsiServiceAction.ReadCapacity16 => ScsiPlan.Answer(
                new ReadCapacity(_blocks, (uint)blockBytes).ToLongForm(),
                cdb.AllocationBytes
            ),
            ScsiOpcode.MaintenanceIn
                when (cdb.Flags & 0x1f) == ScsiServiceAction.ReportSupportedOperationCodes
                    && SupportedOpcodes.ToBytes(cdb) is { } codes => ScsiPlan.Answer(codes, cdb.AllocationBytes),
            _ => ScsiPlan.Refuse(SenseData.InvalidFieldInCdb),
        };

    private ScsiPlan PlanInquiry(in ParameterCdb cdb)
    {
        var vital = (cdb.Flags & EnableVpd) != 0;
        byte[]? data = cdb.Page switch
        {
            _ when !vital => cdb.Page == 0 ? Inquiry.ToBytes() : null,
            VpdPage.Supported => VpdPage.SupportedPages(),
            VpdPage.UnitSerialNumber => VpdPage.Serial(identity.Serial),
            VpdPage.DeviceIdentification => VpdPage.Identification(
                identity.RegisteredName,
                DiskIdentity.Vendor,
                identity.Serial
            ),
            VpdPage.BlockLimits => VpdPage.Limits(
                (uint)(MaxTransferBytes / blockBytes),
                (ushort)(GranularityBytes / blockBytes),
                (uint)(OptimalTransferBytes / blockBytes)
            ),
            VpdPage.BlockCharacteristics => VpdPage.Characteristics(),
            VpdPage.LogicalBlockProvisioning => VpdPage.Provisioning(),
            _ => null,
        };
        return data is null ? ScsiPlan.Refuse(SenseData.InvalidFieldInCdb) : ScsiPlan.Answer(data, cdb.AllocationBytes);
    }

    private static ScsiPlan PlanSense(in ParameterCdb cdb, SenseData sense)
    {
        if ((cdb.Flags & DescriptorFormat) != 0)
            return ScsiPlan.Answer(sense.ToDescriptorFormat(), cdb.AllocationBytes);
        var fixedFormat = new byte[SenseData.SizeBytes];
        sense.Write(fixedFormat);
        return ScsiPlan.Answer(fixedFormat, cdb.AllocationBytes);
    }

    /// <summary>Kinds of report: 0 addressable units, 1 well-known ones, 2 all; the list has to fit one entry (SPC-4 section 6.33).</summary>
    private static ScsiPlan PlanLuns(in ParameterCdb cdb) =>
        cdb.Page switch
        {
            _ when cdb.AllocationBytes < 16 => ScsiPlan.Refuse(SenseData.InvalidFieldInCdb),
            0 or 2 => ScsiPlan.Answer(LunList.OfOneUnit(), cdb.AllocationBytes),
            1 => ScsiPlan.Answer(LunList.OfNoUnit(), cdb.AllocationBytes),
            _ => ScsiPlan.Refuse(SenseData.InvalidFieldInCdb),
        };

    private ScsiPlan PlanModeSense(in ParameterCdb cdb, bool longHeader) =>
        ModePages.ToBytes(cdb.Page, cdb.Subpage, longHeader, isReadOnly) is { } pages
            ? ScsiPlan.Answer(pages, cdb.AllocationBytes)
            : ScsiPlan.Refuse(SenseData.InvalidFieldInCdb);

    private ScsiPlan PlanUnmap(in ParameterCdb cdb)
    {
        const byte Anchor = 0x01;
        if ((cdb.Flags & Anchor) != 0)
            return ScsiPlan.Refuse(SenseData.InvalidFieldInCdb);
        if (isReadOnly)
            return ScsiPlan.Refuse(SenseData.WriteProtected);
        return cdb.AllocationBytes switch
        {
            0 => ScsiPlan.Good,
            < 8 => ScsiPlan.Refuse(SenseData.ParameterListLengthError),
            _ => new(ScsiAction.Unmap, OutLength: (int)cdb.AllocationBytes),
        };
    }

    /// <summary>Without PMI the address has to be zero (SBC-3 section 5.15).</summary>
    private ScsiPlan PlanCapacity(ReadOnlySpan<byte> cdb)
    {
        var pmi = (cdb[8] & 1) != 0;
        return !pmi && BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]) != 0
            ? ScsiPlan.Refuse(SenseData.InvalidFieldInCdb)
            : ScsiPlan.Answer(new ReadCapacity(_blocks, (uint)blockBytes).ToShortForm(), 8);
    }
}
