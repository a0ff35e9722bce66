using Hatchery.Disks;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Iscsi;

/// <summary>The one place where outcomes become SCSI's and iSCSI's codes.</summary>
internal static class ScsiErrors
{
    public static SenseData Of(DiskStatus status, bool isRead) =>
        status switch
        {
            DiskStatus.Ok => SenseData.None,
            DiskStatus.OutOfRange => SenseData.LbaOutOfRange,
            DiskStatus.ReadOnly => SenseData.WriteProtected,
            DiskStatus.NoSpace => SenseData.SpaceAllocationFailed,
            DiskStatus.Fenced => SenseData.InternalTargetFailure,
            _ => isRead ? SenseData.UnrecoveredReadError : SenseData.WriteError,
        };

    public static ushort Of(LoginRefusal refusal) =>
        refusal switch
        {
            LoginRefusal.NotFound => LoginStatus.NotFound,
            LoginRefusal.NotAuthorized => LoginStatus.NotAuthorized,
            _ => LoginStatus.ServiceUnavailable,
        };
}
