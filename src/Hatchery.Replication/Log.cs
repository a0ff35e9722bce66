using System.Net;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Replication;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Warning, "replication refused {Remote}: {Reason}")]
    public static partial void Refused(ILogger log, IPEndPoint remote, string reason);

    [LoggerMessage(5002, LogLevel.Debug, "replication to {Remote} ended: {Reason}")]
    public static partial void Gone(ILogger log, IPEndPoint remote, string reason);

    [LoggerMessage(5003, LogLevel.Information, "image {Image} of {VDisk} comes from {Peer}")]
    public static partial void Fetching(ILogger log, LayerId image, string vDisk, Peer peer);

    [LoggerMessage(
        5004,
        LogLevel.Information,
        "image {Image} of {VDisk} is here and verified; the last of it came from {Peer}"
    )]
    public static partial void Fetched(ILogger log, LayerId image, string vDisk, Peer peer);

    [LoggerMessage(5005, LogLevel.Warning, "image {Image} does not come from {Peer} any more: {Reason}")]
    public static partial void PeerFailed(ILogger log, LayerId image, Peer peer, string reason);

    [LoggerMessage(
        5006,
        LogLevel.Error,
        "{Peer} has a wrong copy of image {Image}: {Reason}. It is not asked for {Minutes:0} min; run pbm vdisk check for it"
    )]
    public static partial void PeerWrong(ILogger log, Peer peer, LayerId image, string reason, double minutes);

    [LoggerMessage(5007, LogLevel.Error, "image {Image} of {VDisk} cannot be kept here: {Fault}")]
    public static partial void NotKept(ILogger log, LayerId image, string vDisk, string fault);

    [LoggerMessage(5008, LogLevel.Information, "image {Image} is deleted here: no vDisk has it any more")]
    public static partial void Deleted(ILogger log, LayerId image);

    [LoggerMessage(
        5010,
        LogLevel.Error,
        "image {Image} is damaged here: {Damage}. It is not used here until it is fetched again from another server"
    )]
    public static partial void Damaged(ILogger log, LayerId image, string damage);

    [LoggerMessage(
        5011,
        LogLevel.Error,
        "write cache {Cache} of device {Device} is damaged here: {Damage}. This copy is given up"
    )]
    public static partial void CacheGivenUp(ILogger log, LayerId cache, DeviceId device, string damage);

    [LoggerMessage(5012, LogLevel.Error, "looking for damage in image {Image} failed")]
    public static partial void ScrubFailed(ILogger log, LayerId image, Exception cause);

    [LoggerMessage(5009, LogLevel.Error, "a round of replication failed; the next follows")]
    public static partial void RoundFailed(ILogger log, Exception cause);
}
