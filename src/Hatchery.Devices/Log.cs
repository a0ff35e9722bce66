using Microsoft.Extensions.Logging;

namespace Hatchery.Devices;

internal static partial class Log
{
    [LoggerMessage(
        2001,
        LogLevel.Warning,
        "{Count} steps of boot timelines were not written: the farm database is away"
    )]
    public static partial void TimelineNotWritten(ILogger log, Exception cause, int count);

    [LoggerMessage(
        2002,
        LogLevel.Warning,
        "{Count} steps of boot timelines were dropped: the farm database is too slow"
    )]
    public static partial void TimelineDropped(ILogger log, long count);

    [LoggerMessage(2003, LogLevel.Warning, "Steps of boot timelines wait for the farm database: {Reason}")]
    public static partial void TimelineWaits(ILogger log, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "vDisk {VDisk}: its scheduled promotion or canary waits: {Reason}")]
    public static partial void PromotionWaits(ILogger log, string vDisk, string reason);

    [LoggerMessage(2020, LogLevel.Warning, "{Device}: {Detail}")]
    public static partial void OwnCacheElsewhere(ILogger log, string device, string detail);

    [LoggerMessage(2021, LogLevel.Warning, "{Device}: {Step}: {Detail}")]
    public static partial void OwnCacheLevel(ILogger log, string device, string step, string detail);
}
