using Hatchery.Disks;
using Hatchery.Wire.Nbd;

namespace Hatchery.Streaming.Nbd;

/// <summary>The one place where outcomes become NBD's codes.</summary>
internal static class NbdErrors
{
    public static NbdError Of(DiskStatus status) =>
        status switch
        {
            DiskStatus.Ok => NbdError.None,
            DiskStatus.OutOfRange => NbdError.Invalid,
            DiskStatus.ReadOnly => NbdError.NotPermitted,
            DiskStatus.NoSpace => NbdError.NoSpace,
            DiskStatus.Fenced => NbdError.ShuttingDown,
            _ => NbdError.InputOutput,
        };

    public static NbdOptionReplyType Of(LoginRefusal refusal) =>
        refusal switch
        {
            LoginRefusal.NotFound => NbdOptionReplyType.Unknown,
            LoginRefusal.NotAuthorized => NbdOptionReplyType.Policy,
            _ => NbdOptionReplyType.ShuttingDown,
        };
}
