using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

internal static partial class Log
{
    [LoggerMessage(EventId = 1001, Message = "[{Source}] {Message}")]
    public static partial void FromActor(ILogger log, LogLevel level, Exception? cause, string source, object message);

    [LoggerMessage(1002, LogLevel.Warning, "{Key}: no such setting; see reference.conf")]
    public static partial void UnknownSetting(ILogger log, string key);

    [LoggerMessage(1003, LogLevel.Warning, "write cache {Cache} was not deleted: {Fault}")]
    public static partial void CacheNotDeleted(ILogger log, string cache, string fault);

    [LoggerMessage(
        1012,
        LogLevel.Warning,
        "moving a machine was not rehearsed in {Folder}: the first one to be moved to this server may wait longer"
    )]
    public static partial void NotRehearsed(ILogger log, string folder);

    [LoggerMessage(1004, LogLevel.Information, "stopping")]
    public static partial void Stopping(ILogger log);

    [LoggerMessage(
        1006,
        LogLevel.Error,
        "{Fault}. Make room: remove vDisks that nobody uses (pbm vdisk list), switch devices off, or let the file system grow; then the devices go on"
    )]
    public static partial void StoreFull(ILogger log, string fault);

    [LoggerMessage(
        1030,
        LogLevel.Error,
        "{Fault}. Devices whose write cache another server has go on there, the others are stopped; no boots and no copies come here. Mend the disk; where its file system has to be mounted anew, this server has to be started again"
    )]
    public static partial void StoreLost(ILogger log, string fault);

    [LoggerMessage(1031, LogLevel.Information, "{Store}: the store takes writes again, and is used again")]
    public static partial void StoreBack(ILogger log, string store);

    [LoggerMessage(
        1017,
        LogLevel.Error,
        "vDisk {VDisk}: version {Version} was returned from by its canary, and machines boot what they had before: {Reason}"
    )]
    public static partial void CanaryReturned(ILogger log, string vDisk, int version, string reason);

    [LoggerMessage(
        1018,
        LogLevel.Information,
        "vDisk {VDisk}: enough machines of the canary run version {Version}; it waits for pbm vdisk version promote {VDisk}"
    )]
    public static partial void CanaryProven(ILogger log, string vDisk, int version);

    [LoggerMessage(
        1021,
        LogLevel.Information,
        "vDisk {VDisk}: the canary of version {Version} ended, {Outcome}: {Reason}"
    )]
    public static partial void CanaryEnded(
        ILogger log,
        string vDisk,
        int version,
        CanaryOutcome outcome,
        string reason
    );

    [LoggerMessage(1010, LogLevel.Warning, "{Fault}")]
    public static partial void StoreNearlyFull(ILogger log, string fault);

    [LoggerMessage(1011, LogLevel.Error, "compaction of write caches failed; it is tried again")]
    public static partial void CompactionFailed(ILogger log, Exception cause);

    [LoggerMessage(1007, LogLevel.Critical, "{Fault}. Look at that disk; the device has to boot")]
    public static partial void CacheLost(ILogger log, string fault);

    [LoggerMessage(
        1008,
        LogLevel.Warning,
        "{Count} more messages with number {Event} were not written: too many at once"
    )]
    public static partial void Suppressed(ILogger log, int count, int @event);

    [LoggerMessage(1005, LogLevel.Error, "did not stop in good order")]
    public static partial void NotStopped(ILogger log, Exception cause);

    [LoggerMessage(
        1011,
        LogLevel.Error,
        "the farm database {Database} is away: {Reason}. Machines that run go on; boots, leases and changes wait until it is back"
    )]
    public static partial void DatabaseAway(ILogger log, string database, string reason);

    [LoggerMessage(1012, LogLevel.Information, "the farm database {Database} is back after {Seconds:0} s")]
    public static partial void DatabaseBack(ILogger log, string database, double seconds);

    [LoggerMessage(
        1013,
        LogLevel.Warning,
        "this host's clock is {Seconds:0} s {Direction} the farm database's, which the farm goes by: see to its time service"
    )]
    public static partial void ClockWrong(ILogger log, double seconds, string direction);

    [LoggerMessage(
        1014,
        LogLevel.Error,
        "this server is out of the cluster: the others hold it for dead, or it cannot reach most of them. Machines that it serves go on; it comes back in {Seconds:0} s"
    )]
    public static partial void ClusterLeft(ILogger log, double seconds);

    [LoggerMessage(1015, LogLevel.Information, "this server is a member of the cluster again, after {Seconds:0} s")]
    public static partial void ClusterEntered(ILogger log, double seconds);

    [LoggerMessage(1016, LogLevel.Warning, "this server did not get back into the cluster")]
    public static partial void ClusterNotEntered(ILogger log, Exception cause);

    [LoggerMessage(1010, LogLevel.Warning, "{Shortage}")]
    public static partial void FewFiles(ILogger log, string shortage);

    [LoggerMessage(1019, LogLevel.Information, "vDisk {VDisk} version {Number} is made: layer {Layer}")]
    public static partial void Made(ILogger log, string vDisk, int number, LayerId layer);

    [LoggerMessage(1020, LogLevel.Warning, "vDisk {VDisk} version {Number} is not made here: {Reason}")]
    public static partial void NotMade(ILogger log, string vDisk, int number, string reason);

    [LoggerMessage(1009, LogLevel.Warning, "could not tell the service manager {State} at {Socket}: {Fault}")]
    public static partial void NotTold(ILogger log, string state, string socket, string fault);
}
