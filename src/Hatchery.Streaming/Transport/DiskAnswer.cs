using Hatchery.Disks;

namespace Hatchery.Streaming.Transport;

/// <summary>Takes a disk's answer where it came at once, which is the case for cached reads.</summary>
internal static class DiskAnswer
{
    /// <returns>False when the answer has to be waited for.</returns>
    public static bool TryTake(ValueTask<DiskStatus> answer, out DiskStatus status)
    {
        status = DiskStatus.IoError;
        if (answer.IsCompletedSuccessfully)
        {
            status = answer.Result;
            return true;
        }
        return false;
    }
}
