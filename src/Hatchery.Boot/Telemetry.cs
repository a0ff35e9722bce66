using System.Diagnostics.Metrics;

namespace Hatchery.Boot;

internal static class Telemetry
{
    public const string MeterName = "Hatchery.Boot";

    /// <summary>Of every instrument.</summary>
    public const string Prefix = "hatchery.boot.";

    private static readonly Meter s_meter = new(MeterName);

    public static readonly Counter<long> DhcpMessages = s_meter.CreateCounter<long>(
        "hatchery.boot.dhcp.messages",
        "{message}",
        "Messages received, by type and what became of them."
    );

    public static readonly Counter<long> TftpTransfers = s_meter.CreateCounter<long>(
        "hatchery.boot.tftp.transfers",
        "{transfer}",
        "Transfers, by result."
    );

    public static readonly Counter<long> TftpBytes = s_meter.CreateCounter<long>(
        "hatchery.boot.tftp.bytes",
        "By",
        "Bytes of files sent, repeats not counted."
    );

    public static readonly Counter<long> Scripts = s_meter.CreateCounter<long>(
        "hatchery.boot.scripts",
        "{script}",
        "Boot scripts sent, by kind of plan."
    );

    public static readonly Counter<long> UnknownMachines = s_meter.CreateCounter<long>(
        "hatchery.boot.unknown_machines",
        "{machine}",
        "Machines that the farm does not know and that asked for a script, by what became of them and by rule."
    );

    public static readonly Counter<long> HttpFiles = s_meter.CreateCounter<long>(
        "hatchery.boot.http.files",
        "{request}",
        "Requests for files by HTTP, by status."
    );

    public static readonly Counter<long> HttpFileBytes = s_meter.CreateCounter<long>(
        "hatchery.boot.http.bytes",
        "By",
        "Bytes of files sent by HTTP."
    );

    public static readonly Counter<long> RouterAdvertisements = s_meter.CreateCounter<long>(
        "hatchery.boot.router_advertisements",
        "{message}",
        "Answers to router solicitations."
    );
}
