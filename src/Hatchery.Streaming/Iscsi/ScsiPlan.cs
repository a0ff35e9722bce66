using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Iscsi;

internal enum ScsiAction
{
    /// <summary>Fails with the plan's sense data.</summary>
    Refuse,

    /// <summary>Sends the plan's bytes, which may be none.</summary>
    Answer,
    Read,
    Write,
    Zero,
    Flush,
    Unmap,
    WriteSame,

    /// <summary>Compares the disk with what the initiator sends, once or block by block.</summary>
    Compare,

    /// <summary>Compares the disk with the first half of what the initiator sends, and writes the second where they are equal.</summary>
    CompareAndWrite,
}

/// <summary>What a command asks of a disk.</summary>
/// <param name="Offset">Where on the disk, in bytes.</param>
/// <param name="Length">How much of the disk, in bytes.</param>
/// <param name="OutLength">How many bytes the initiator has to send for it.</param>
internal readonly record struct ScsiPlan(
    ScsiAction Action,
    long Offset = 0,
    long Length = 0,
    int OutLength = 0,
    bool ForceUnitAccess = false,
    SenseData Sense = default,
    byte[]? Data = null
)
{
    public static ScsiPlan Good => new(ScsiAction.Answer);

    public static ScsiPlan Refuse(SenseData sense) => new(ScsiAction.Refuse, Sense: sense);

    public static ScsiPlan Answer(byte[] data, uint allocationBytes) =>
        new(ScsiAction.Answer, Data: data.Length <= allocationBytes ? data : data[..(int)allocationBytes]);
}
