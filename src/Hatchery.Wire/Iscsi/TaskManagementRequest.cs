using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Task Management Function Request (RFC 7143 section 11.5).</summary>
public readonly record struct TaskManagementRequest(
    bool Immediate,
    TaskFunction Function,
    ulong Lun,
    uint TaskTag,
    uint ReferencedTaskTag,
    uint CmdSn,
    uint ExpStatSn,
    uint RefCmdSn,
    uint ExpDataSn
) : IFixedWire<TaskManagementRequest>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out TaskManagementRequest value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.TaskManagementRequest))
            return false;
        value = new(
            PduHeader.IsImmediate(source),
            (TaskFunction)(source[1] & 0x7f),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[28..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[32..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[36..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(
            destination,
            IscsiOpcode.TaskManagementRequest,
            Immediate,
            (byte)(0x80 | ((int)Function & 0x7f)),
            0
        );
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Lun);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], ReferencedTaskTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], CmdSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], ExpStatSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[32..], RefCmdSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[36..], ExpDataSn);
    }
}
