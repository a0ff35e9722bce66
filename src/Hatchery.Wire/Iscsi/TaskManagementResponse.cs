using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>Task Management Function Response (RFC 7143 section 11.6).</summary>
public readonly record struct TaskManagementResponse(TaskOutcome Response, uint TaskTag, SequenceNumbers Sequence)
    : IFixedWire<TaskManagementResponse>
{
    public static int SizeBytes => PduHeader.SizeBytes;

    public static bool TryRead(ReadOnlySpan<byte> source, out TaskManagementResponse value)
    {
        value = default;
        if (!PduHeader.Is(source, IscsiOpcode.TaskManagementResponse))
            return false;
        value = new(
            (TaskOutcome)source[2],
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            SequenceNumbers.Read(source[24..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        PduHeader.Begin(destination, IscsiOpcode.TaskManagementResponse, immediate: false, 0x80, 0);
        destination[2] = (byte)Response;
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], TaskTag);
        Sequence.Write(destination[24..]);
    }
}
