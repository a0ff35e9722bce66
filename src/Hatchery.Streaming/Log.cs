using System.Net;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

internal static partial class Log
{
    [LoggerMessage(
        3001,
        LogLevel.Information,
        "{Device} {Epoch}: session open by {Protocol} from {Remote}, new boot: {IsNewBoot}"
    )]
    public static partial void SessionOpened(
        ILogger log,
        DeviceId device,
        Epoch epoch,
        StreamProtocol protocol,
        IPEndPoint remote,
        bool isNewBoot
    );

    [LoggerMessage(4003, LogLevel.Warning, "write cache {Cache} was not set aside: {Fault}")]
    public static partial void CacheNotSetAside(ILogger log, LayerId cache, string fault);

    [LoggerMessage(4002, LogLevel.Error, "{Device} {Epoch}: its disk cannot be opened")]
    public static partial void DiskNotOpened(ILogger log, Exception cause, DeviceId device, Epoch epoch);
}
