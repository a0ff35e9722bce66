using System.Net;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Mirroring;

internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Warning, "mirroring refused {Remote}: {Reason}")]
    public static partial void Refused(ILogger log, IPEndPoint remote, string reason);

    [LoggerMessage(6002, LogLevel.Information, "{Server} ({Remote}) mirrors to this server")]
    public static partial void Connected(ILogger log, string server, IPEndPoint remote);

    [LoggerMessage(6003, LogLevel.Information, "the mirror connection of {Server} ({Remote}) ended: {Reason}")]
    public static partial void Ended(ILogger log, string server, IPEndPoint remote, string reason);

    [LoggerMessage(6004, LogLevel.Error, "the copy of write cache {Cache} is given up: {Reason}")]
    public static partial void CopyFailed(ILogger log, LayerId cache, string reason);

    [LoggerMessage(6005, LogLevel.Error, "the session of write cache {Cache} ends: {Reason}")]
    public static partial void SessionFailed(ILogger log, LayerId cache, string reason);
}
