using System.Net;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "DHCP listens on {Interface} as {Address}, port {Port}")]
    public static partial void DhcpListens(this ILogger logger, string @interface, IPAddress address, int port);

    [LoggerMessage(
        3002,
        LogLevel.Warning,
        "DHCP on {Interface} refuses {Type} of {Mac} from {Sender} (relay {Relay}): {Reason}"
    )]
    public static partial void DhcpRefused(
        this ILogger logger,
        string @interface,
        string type,
        MacAddress mac,
        IPEndPoint sender,
        IPAddress relay,
        string reason
    );

    [LoggerMessage(3003, LogLevel.Error, "DHCP: no free address in {Network} for {Mac}; not answered")]
    public static partial void PoolExhausted(this ILogger logger, IPNetwork network, MacAddress mac);

    [LoggerMessage(3004, LogLevel.Error, "DHCP: the lease database is away, {Mac} is not answered: {Reason}")]
    public static partial void LeasesAway(this ILogger logger, MacAddress mac, string reason);

    [LoggerMessage(3005, LogLevel.Information, "DHCP {Type} {Address} to {Mac}")]
    public static partial void Granted(this ILogger logger, DhcpMessageType type, IPAddress address, MacAddress mac);

    [LoggerMessage(3006, LogLevel.Information, "DHCP refuses {Address} to {Mac}: {Reason}")]
    public static partial void Refused(this ILogger logger, IPAddress address, MacAddress mac, string reason);

    [LoggerMessage(3007, LogLevel.Warning, "DHCP: {Mac} found {Address} in use; set aside for {Duration}")]
    public static partial void Declined(this ILogger logger, IPAddress address, MacAddress mac, TimeSpan duration);

    [LoggerMessage(3008, LogLevel.Information, "DHCP: {Mac} gave back {Address}")]
    public static partial void Released(this ILogger logger, IPAddress address, MacAddress mac);

    [LoggerMessage(3009, LogLevel.Error, "DHCP on {Interface}: a message could not be handled")]
    public static partial void DhcpFailed(this ILogger logger, string @interface, Exception exception);

    [LoggerMessage(3010, LogLevel.Warning, "DHCP on {Interface} could not send to {Destination}: {Reason}")]
    public static partial void DhcpNotSent(this ILogger logger, string @interface, EndPoint destination, string reason);

    [LoggerMessage(3011, LogLevel.Warning, "DHCP: {Address} answers a ping and has no lease; set aside for {Duration}")]
    public static partial void FoundInUse(this ILogger logger, IPAddress address, TimeSpan duration);

    [LoggerMessage(
        3012,
        LogLevel.Warning,
        "DHCP offers addresses without a ping (root, or the capability NET_RAW): {Reason}"
    )]
    public static partial void PingsOff(this ILogger logger, string reason);

    [LoggerMessage(3013, LogLevel.Debug, "DHCP could not ping {Address}: {Reason}")]
    public static partial void PingNotSent(this ILogger logger, IPAddress address, string reason);

    [LoggerMessage(3014, LogLevel.Debug, "DHCP: an answer to a ping could not be received: {Reason}")]
    public static partial void PingsFailed(this ILogger logger, string reason);

    [LoggerMessage(3015, LogLevel.Information, "Proxy DHCP {Type} of {File} to {Mac}")]
    public static partial void ProxyAnswered(this ILogger logger, DhcpMessageType type, string file, MacAddress mac);

    [LoggerMessage(3016, LogLevel.Information, "BOOTP {Address} to {Mac}, for ever")]
    public static partial void GrantedBootp(this ILogger logger, IPAddress address, MacAddress mac);

    [LoggerMessage(3050, LogLevel.Warning, "DHCP: {Mac} does not take so much, these options are left out: {Options}")]
    public static partial void OptionsLeftOut(this ILogger logger, MacAddress mac, string options);

    [LoggerMessage(3018, LogLevel.Warning, "DHCP: {Mac} is not answered, neither database nor pings did in {Duration}")]
    public static partial void TooSlow(this ILogger logger, MacAddress mac, TimeSpan duration);

    [LoggerMessage(3101, LogLevel.Information, "TFTP listens on {Interface}, port {Port}")]
    public static partial void TftpListens(this ILogger logger, string @interface, int port);

    [LoggerMessage(3102, LogLevel.Information, "TFTP sent {File} to {Client}: {Bytes} bytes in {Duration}")]
    public static partial void TftpSent(
        this ILogger logger,
        string file,
        IPEndPoint client,
        long bytes,
        TimeSpan duration
    );

    [LoggerMessage(3103, LogLevel.Warning, "TFTP refuses {File} to {Client}: {Reason}")]
    public static partial void TftpRefused(this ILogger logger, string file, IPEndPoint client, string reason);

    [LoggerMessage(3104, LogLevel.Information, "TFTP: {Client} ended the transfer of {File}: {Reason}")]
    public static partial void TftpEnded(this ILogger logger, string file, IPEndPoint client, string reason);

    [LoggerMessage(3105, LogLevel.Warning, "TFTP: {Client} is not answered: {Reason}")]
    public static partial void TftpFull(this ILogger logger, IPEndPoint client, string reason);

    [LoggerMessage(3106, LogLevel.Error, "TFTP: the transfer of {File} to {Client} failed")]
    public static partial void TftpFailed(this ILogger logger, string file, IPEndPoint client, Exception exception);

    [LoggerMessage(3107, LogLevel.Error, "TFTP on {Interface}: a request could not be handled")]
    public static partial void TftpListenerFailed(this ILogger logger, string @interface, Exception exception);

    [LoggerMessage(3201, LogLevel.Information, "Router solicitations are answered on {Interface}")]
    public static partial void AdvertiserListens(this ILogger logger, string @interface);

    [LoggerMessage(
        3202,
        LogLevel.Warning,
        "Router solicitations are not answered on {Interface}, so iPXE will wait for IPv6 routers: {Reason}"
    )]
    public static partial void AdvertiserOff(this ILogger logger, string @interface, string reason);

    [LoggerMessage(3203, LogLevel.Debug, "Router advertisement on {Interface} to {Client}")]
    public static partial void Advertised(this ILogger logger, string @interface, IPAddress client);

    [LoggerMessage(3301, LogLevel.Information, "Script for {Mac} ({Client}): {Plan}")]
    public static partial void ScriptSent(this ILogger logger, MacAddress mac, IPAddress? client, string plan);

    [LoggerMessage(3302, LogLevel.Error, "The plan of {Mac} cannot be written as a script: {Reason}")]
    public static partial void PlanRefused(this ILogger logger, MacAddress mac, string reason);

    [LoggerMessage(3304, LogLevel.Information, "Unknown machine {Mac}: {Step} {Detail}")]
    public static partial void UnknownMachine(this ILogger logger, MacAddress mac, BootStep step, string detail);

    [LoggerMessage(3310, LogLevel.Warning, "HTTP: {Client} is turned away: {Reason}")]
    public static partial void HttpFull(this ILogger logger, IPAddress client, string reason);

    [LoggerMessage(
        3305,
        LogLevel.Information,
        "{Mac} is now device {Device} in collection {Collection}, by rule {Rule}"
    )]
    public static partial void UnknownAdded(
        this ILogger logger,
        MacAddress mac,
        string device,
        string collection,
        string rule
    );

    [LoggerMessage(3306, LogLevel.Warning, "{Mac} could not be added: {Reason}")]
    public static partial void UnknownNotAdded(this ILogger logger, MacAddress mac, string reason);

    [LoggerMessage(3303, LogLevel.Debug, "No machine is known at {Address}")]
    public static partial void ClientUnknown(this ILogger logger, IPAddress address);

    [LoggerMessage(3305, LogLevel.Information, "HTTP: {File} for {Client}: {Status}, {Bytes} bytes")]
    public static partial void FileAnswered(
        this ILogger logger,
        string file,
        IPAddress? client,
        int status,
        long bytes
    );

    [LoggerMessage(3311, LogLevel.Warning, "No personality data for {Client}: {Reason}")]
    public static partial void PersonalityRefused(this ILogger logger, IPAddress client, string reason);

    [LoggerMessage(3312, LogLevel.Warning, "No secrets for {Client}: {Reason}")]
    public static partial void SecretsRefused(this ILogger logger, IPAddress client, string reason);

    [LoggerMessage(3309, LogLevel.Error, "HTTP: {File} cannot be read: {Reason}")]
    public static partial void FileNotSent(this ILogger logger, string file, string reason);

    [LoggerMessage(3320, LogLevel.Warning, "What {Client} says of its write cache is not taken: {Reason}")]
    public static partial void OwnCacheRefused(this ILogger logger, IPAddress client, string reason);

    [LoggerMessage(3321, LogLevel.Information, "{Device} sends its disk {Disk} for vDisk {VDisk}")]
    public static partial void CaptureBegun(this ILogger logger, string device, string disk, string vDisk);

    [LoggerMessage(3322, LogLevel.Information, "The disk that a machine sent is vDisk {VDisk}")]
    public static partial void Captured(this ILogger logger, string vDisk);

    [LoggerMessage(3323, LogLevel.Warning, "Nothing came of the capture for vDisk {VDisk}: {Reason}")]
    public static partial void CaptureFailed(this ILogger logger, string vDisk, string reason);

    [LoggerMessage(3324, LogLevel.Warning, "What {Client} sends of a disk is not taken: {Reason}")]
    public static partial void CaptureRefused(this ILogger logger, IPAddress client, string reason);

    [LoggerMessage(3325, LogLevel.Warning, "What came of a machine's disk cannot be deleted: {Reason}")]
    public static partial void CaptureNotForgotten(this ILogger logger, string reason);
}
