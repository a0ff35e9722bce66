using Hatchery.Wire.Iscsi;

namespace Hatchery.Streaming.Iscsi;

/// <summary>What has to be known of a SCSI Command until its status is sent.</summary>
/// <param name="ExpectedLength">The bytes that the initiator wants moved.</param>
/// <param name="IsNumbered">It took a number of the command window; immediate ones do not.</param>
internal readonly record struct OpenCommand(uint TaskTag, ulong Lun, long ExpectedLength, bool Reads, bool IsNumbered)
{
    public static OpenCommand Of(in ScsiCommand command) =>
        new(command.TaskTag, command.Lun, command.ExpectedLength, command.Reads, !command.Immediate);
}
