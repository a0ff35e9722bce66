using Microsoft.Extensions.Logging;

namespace Hatchery.Devices;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Warning, "{Count} {What} were not written: the farm database is away")]
    public static partial void RowsNotWritten(ILogger log, Exception cause, int count, string what);

    [LoggerMessage(2002, LogLevel.Warning, "{Count} {What} were dropped: the farm database was away or too slow")]
    public static partial void RowsDropped(ILogger log, long count, string what);

    [LoggerMessage(2003, LogLevel.Warning, "The farm database does not answer, and {What} wait for it: {Reason}")]
    public static partial void RowsWait(ILogger log, string what, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "vDisk {VDisk}: its scheduled promotion or canary waits: {Reason}")]
    public static partial void PromotionWaits(ILogger log, string vDisk, string reason);

    [LoggerMessage(2020, LogLevel.Warning, "{Device}: {Detail}")]
    public static partial void OwnCacheElsewhere(ILogger log, string device, string detail);

    [LoggerMessage(2021, LogLevel.Warning, "{Device}: {Step}: {Detail}")]
    public static partial void OwnCacheLevel(ILogger log, string device, string step, string detail);
}
