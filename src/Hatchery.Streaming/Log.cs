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

    [LoggerMessage(4004, LogLevel.Error, "{Device} {Epoch}: its disk was not closed in good order")]
    public static partial void DiskNotClosed(ILogger log, Exception cause, DeviceId device, Epoch epoch);

    [LoggerMessage(4005, LogLevel.Error, "{Device} {Epoch}: stopped, and has to boot: {Fault}")]
    public static partial void DiskStopped(ILogger log, DeviceId device, Epoch epoch, string fault);

    [LoggerMessage(4006, LogLevel.Warning, "{Device}: {Step}: {Detail}")]
    public static partial void CacheLevelChanged(ILogger log, DeviceId device, string step, string detail);

    [LoggerMessage(4007, LogLevel.Information, "{Device} {Epoch}: {Step}: {Detail}")]
    public static partial void CopiesChanged(ILogger log, DeviceId device, Epoch epoch, string step, string detail);

    [LoggerMessage(4008, LogLevel.Warning, "{Device} {Epoch}: {Step}: {Detail}")]
    public static partial void CopyLost(ILogger log, DeviceId device, Epoch epoch, string step, string detail);

    [LoggerMessage(4009, LogLevel.Information, "{Device} {Epoch}: the session here is over: {Reason}")]
    public static partial void SessionOver(ILogger log, DeviceId device, Epoch epoch, string reason);

    [LoggerMessage(4010, LogLevel.Error, "{Device} {Epoch}: goes on at another server: {Fault}")]
    public static partial void DiskGoesElsewhere(ILogger log, DeviceId device, Epoch epoch, string fault);

    [LoggerMessage(4011, LogLevel.Information, "{Device} {Epoch}: goes on at {Server}, which has a copy")]
    public static partial void SessionMoved(ILogger log, DeviceId device, Epoch epoch, string server);

    [LoggerMessage(
        4012,
        LogLevel.Information,
        "{Device} {Epoch}: its keeper does not answer; it goes by the session row"
    )]
    public static partial void WithoutKeeper(ILogger log, DeviceId device, Epoch epoch);

    [LoggerMessage(4014, LogLevel.Warning, "{Device} waits: {Why}")]
    public static partial void Waits(ILogger log, DeviceId device, string why);

    [LoggerMessage(4015, LogLevel.Information, "{Device} {Epoch}: session open, before the device comes")]
    public static partial void SessionTaken(ILogger log, DeviceId device, Epoch epoch);

    [LoggerMessage(4016, LogLevel.Warning, "{Device}: its session is not taken over: {Reason}")]
    public static partial void SessionNotTaken(ILogger log, DeviceId device, string reason);

    [LoggerMessage(
        4017,
        LogLevel.Information,
        "{Device} {Epoch}: what the machine keeps is open while it is off, so that its copies come and leave"
    )]
    public static partial void SessionUnattended(ILogger log, DeviceId device, Epoch epoch);

    [LoggerMessage(
        4018,
        LogLevel.Warning,
        "{Device}: what the machine keeps cannot be opened, so no copies are made: {Reason}"
    )]
    public static partial void CopiesNotSeenTo(ILogger log, DeviceId device, string reason);

    [LoggerMessage(4100, LogLevel.Information, "{Protocol} is served at {EndPoint}")]
    public static partial void Listening(ILogger logger, StreamProtocol protocol, IPEndPoint endPoint);

    [LoggerMessage(4101, LogLevel.Information, "device {Device}, epoch {Epoch}: connected from {Remote}")]
    public static partial void Connected(ILogger logger, DeviceId device, Epoch epoch, IPEndPoint remote);

    [LoggerMessage(4102, LogLevel.Warning, "{Remote}: login to {Target} refused: {Reason}")]
    public static partial void LoginRefused(ILogger logger, IPEndPoint remote, string target, string reason);

    [LoggerMessage(4103, LogLevel.Warning, "{Remote}: closed, for its login took too long")]
    public static partial void LoginTimedOut(ILogger logger, IPEndPoint remote);

    [LoggerMessage(4104, LogLevel.Warning, "{Remote}: closed, for it sent {What}")]
    public static partial void MalformedPeer(ILogger logger, IPEndPoint remote, string what);

    [LoggerMessage(4105, LogLevel.Error, "{Remote}: a disk failed outside its contract")]
    public static partial void DiskFailed(ILogger logger, IPEndPoint remote, Exception failure);

    [LoggerMessage(4106, LogLevel.Error, "{Remote}: the session gate failed outside its contract")]
    public static partial void GateFailed(ILogger logger, IPEndPoint remote, Exception failure);

    [LoggerMessage(4107, LogLevel.Warning, "{Remote}: closed, for its device goes on at another server")]
    public static partial void Fenced(ILogger logger, IPEndPoint remote);

    [LoggerMessage(4108, LogLevel.Warning, "{Remote}: closed, for it did not answer a ping")]
    public static partial void PeerSilent(ILogger logger, IPEndPoint remote);

    [LoggerMessage(4109, LogLevel.Warning, "{Remote}: {Protocol} connection turned away: {Reason}")]
    public static partial void TooManyConnections(
        ILogger logger,
        StreamProtocol protocol,
        EndPoint? remote,
        string reason
    );

    [LoggerMessage(
        4119,
        LogLevel.Warning,
        "{Remote}: its {Protocol} connection never logged in, and is ended to make room for others"
    )]
    public static partial void Evicted(ILogger logger, StreamProtocol protocol, EndPoint? remote);

    [LoggerMessage(4110, LogLevel.Error, "{Remote}: the connection's stream failed")]
    public static partial void StreamFailed(ILogger logger, EndPoint? remote, Exception failure);

    [LoggerMessage(4111, LogLevel.Error, "accepting a connection failed; the listener goes on")]
    public static partial void AcceptFailed(ILogger logger, Exception failure);

    [LoggerMessage(4112, LogLevel.Information, "{Remote}: session ended, {Initiator} logged in again")]
    public static partial void Reinstated(ILogger logger, IPEndPoint remote, string initiator);
}
