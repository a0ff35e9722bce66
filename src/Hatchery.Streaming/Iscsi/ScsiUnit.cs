using Hatchery.Disks;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Iscsi;

/// <summary>Turns command descriptor blocks into plans for one disk (SPC-4, SBC-3); pure.</summary>
internal sealed partial class ScsiUnit(DiskIdentity identity, long lengthBytes, int blockBytes, bool isReadOnly)
{
    /// <summary>The longest read or write, 32 MiB.</summary>
    public const int MaxTransferBytes = 32 * 1024 * 1024;

    private const int GranularityBytes = 4096;
    private const int OptimalTransferBytes = 256 * 1024;

    private readonly ulong _blocks = (ulong)(lengthBytes / blockBytes);

    public ScsiUnit(DeviceId device, IDisk disk)
        : this(new(device), disk.LengthBytes, disk.BlockSizeBytes, disk.IsReadOnly) { }

    public ScsiPlan Plan(in CommandBlock commandBlock, ulong lun)
    {
        Span<byte> cdb = stackalloc byte[CommandBlock.SizeBytes];
        commandBlock.Write(cdb);
        if (!LunList.IsUnitZero(lun))
            return PlanForNoUnit(cdb);
        if (BlockCdb.TryRead(cdb, out var range))
            return PlanRange(range);
        if (ParameterCdb.TryRead(cdb, out var parameters))
            return PlanParameters(parameters);
        return (ScsiOpcode)cdb[0] switch
        {
            ScsiOpcode.TestUnitReady or ScsiOpcode.StartStopUnit or ScsiOpcode.PreventAllowRemoval => ScsiPlan.Good,
            ScsiOpcode.ReadCapacity10 => PlanCapacity(cdb),
            _ => ScsiPlan.Refuse(SenseData.InvalidOpcode),
        };
    }

    private static ScsiPlan PlanForNoUnit(ReadOnlySpan<byte> cdb)
    {
        if (!ParameterCdb.TryRead(cdb, out var cdbParameters))
            return ScsiPlan.Refuse(SenseData.LogicalUnitNotSupported);
        return cdbParameters.Opcode switch
        {
            ScsiOpcode.Inquiry when (cdbParameters.Flags & 1) == 0 => ScsiPlan.Answer(
                Inquiry.ToBytes(present: false),
                cdbParameters.AllocationBytes
            ),
            ScsiOpcode.ReportLuns => PlanLuns(cdbParameters),
            ScsiOpcode.RequestSense => PlanSense(cdbParameters, SenseData.LogicalUnitNotSupported),
            _ => ScsiPlan.Refuse(SenseData.LogicalUnitNotSupported),
        };
    }

    private ScsiPlan PlanRange(in BlockCdb cdb)
    {
        if (cdb.Lba > _blocks || cdb.Blocks > _blocks - cdb.Lba)
            return ScsiPlan.Refuse(SenseData.LbaOutOfRange);
        var offset = (long)cdb.Lba * blockBytes;
        var length = (long)cdb.Blocks * blockBytes;
        switch (cdb.Opcode)
        {
            case ScsiOpcode.SynchronizeCache10 or ScsiOpcode.SynchronizeCache16:
                return new(ScsiAction.Flush);
            case ScsiOpcode.Prefetch10 or ScsiOpcode.Prefetch16:
                return ScsiPlan.Good;
        }
        if (cdb.Opcode is not (ScsiOpcode.Read6 or ScsiOpcode.Write6) && cdb.Protection != 0)
            return ScsiPlan.Refuse(SenseData.InvalidFieldInCdb);
        switch (cdb.Opcode)
        {
            case ScsiOpcode.WriteSame10 or ScsiOpcode.WriteSame16:
                return PlanWriteSame(cdb, offset, length);
            case ScsiOpcode.Verify10 or ScsiOpcode.Verify12 or ScsiOpcode.Verify16:
                return PlanVerify(cdb, offset, length);
        }
        if (length > MaxTransferBytes)
            return ScsiPlan.Refuse(SenseData.InvalidFieldInCdb);
        if (cdb.Opcode is ScsiOpcode.Read6 or ScsiOpcode.Read10 or ScsiOpcode.Read12 or ScsiOpcode.Read16)
            return new(ScsiAction.Read, offset, length);
        if (isReadOnly)
            return ScsiPlan.Refuse(SenseData.WriteProtected);
        if (cdb.Opcode == ScsiOpcode.CompareAndWrite)
            return new(ScsiAction.CompareAndWrite, offset, length, (int)length * 2, cdb.ForceUnitAccess);
        // What is written and verified has to stand on the medium, so it is forced there.
        var verifies =
            cdb.Opcode is ScsiOpcode.WriteAndVerify10 or ScsiOpcode.WriteAndVerify12 or ScsiOpcode.WriteAndVerify16;
        return new(ScsiAction.Write, offset, length, (int)length, verifies || cdb.ForceUnitAccess);
    }

    private ScsiPlan PlanWriteSame(in BlockCdb cdb, long offset, long length)
    {
        if (isReadOnly)
            return ScsiPlan.Refuse(SenseData.WriteProtected);
        if (cdb.Anchor || cdb.Blocks == 0)
            return ScsiPlan.Refuse(SenseData.InvalidFieldInCdb);
        return cdb is { Opcode: ScsiOpcode.WriteSame16, NoData: true }
            ? new(ScsiAction.Zero, offset, length)
            : new(ScsiAction.WriteSame, offset, length, blockBytes);
    }

    private ScsiPlan PlanVerify(in BlockCdb cdb, long offset, long length) =>
        cdb.ByteCheck switch
        {
            0 => ScsiPlan.Good,
            1 when length == 0 => ScsiPlan.Good,
            1 when length <= MaxTransferBytes => new(ScsiAction.Compare, offset, length, (int)length),
            3 when length == 0 => ScsiPlan.Good,
            3 => new(ScsiAction.Compare, offset, length, blockBytes),
            _ => ScsiPlan.Refuse(SenseData.InvalidFieldInCdb),
        };
}
