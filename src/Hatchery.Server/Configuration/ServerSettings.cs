using System.Net;
using Hatchery.Boot;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Tftp;
using Hatchery.Devices;
using Hatchery.Streaming;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>Everything that hocon/reference.conf says, read and checked.</summary>
internal sealed record ServerSettings(
    string ServerName,
    string Site,
    string DataFolder,
    string DatabaseFile,
    PostgreSqlSettings? PostgreSql,
    string StoreFolder,
    StoreSettings Store,
    TimeSpan KeepInterrupted,
    IPAddress Address,
    BootSettings Boot,
    StreamingSettings Streaming,
    ReplicationSettings Replication,
    MirroringSettings Mirroring,
    int MergeAbove,
    long MergeBytesPerSecond,
    HistoryLimits History,
    LogLevel LogLevel,
    string? KeyFile
)
{
    private const int MergeAboveMax = 100;
    private const int HistoryRowsMax = 10_000_000;
    private const int HistoryWaitingMax = 1 << 16;

    public static ServerSettings Read(SettingsReader root)
    {
        var hatchery = root.At("hatchery");
        var dataFolder = Path.GetFullPath(hatchery.Text("data-folder"));
        var name = hatchery.Text("server-name") is { Length: > 0 } given
            ? given
            : Environment.MachineName.Split('.')[0].ToLowerInvariant();
        if (!EntityName.IsValid(name))
            throw hatchery.Wrong("server-name", name, EntityName.Rule);
        var site = hatchery.Text("site");
        if (!EntityName.IsValid(site))
            throw hatchery.Wrong("site", site, EntityName.Rule);
        return new(
            name,
            site,
            dataFolder,
            Otherwise(hatchery.Text("database.file"), Path.Combine(dataFolder, "farm.db")),
            ReadPostgreSql(hatchery.At("database")),
            Otherwise(hatchery.Text("store.folder"), Path.Combine(dataFolder, "store")),
            StoreSettings.Read(hatchery.At("store")),
            hatchery.Duration("store.keep-interrupted", TimeSpan.Zero),
            hatchery.Address("address"),
            BootSettings.Read(hatchery.At("boot"), name),
            StreamingSettings.Read(hatchery.At("streaming")),
            ReplicationSettings.Read(hatchery.At("replication")),
            MirroringSettings.Read(hatchery.At("mirroring")),
            hatchery.Number("versions.merge-above", 0, MergeAboveMax),
            hatchery.Bytes("versions.merge-rate", 0, long.MaxValue),
            new(
                hatchery.Number("history.rows-max", 1, HistoryRowsMax),
                hatchery.Number("history.waiting-max", 1, HistoryWaitingMax)
            ),
            hatchery.Choice<LogLevel>("log-level"),
            hatchery.Text("secrets.key-file") is { Length: > 0 } keyFile ? Path.GetFullPath(keyFile) : null
        );
    }

    private static PostgreSqlSettings? ReadPostgreSql(SettingsReader database)
    {
        var settings = new PostgreSqlSettings(
            database.Text("postgresql"),
            database.Number("connections-max", PostgreSqlSettings.Pools * 2, 1000),
            database.Duration("statement-timeout", TimeSpan.FromSeconds(1))
        );
        if (settings.ConnectionString.Length == 0)
            return null;
        try
        {
            settings.OfPool();
            return settings;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or InvalidCastException)
        {
            // Not the text itself, in which a password may stand.
            throw database.Wrong(
                "postgresql",
                "...",
                $"a connection string, e.g. Host=db1;Database=hatchery;Username=hatchery;Passfile=/etc/hatchery/pgpass: {unreadable.Message.ReplaceLineEndings(" ")}"
            );
        }
    }

    private static string Otherwise(string given, string otherwise) =>
        given.Length > 0 ? Path.GetFullPath(given) : otherwise;
}

internal sealed record BootSettings(
    IReadOnlyList<string> Interfaces,
    bool HasDhcp,
    DhcpSettings Dhcp,
    bool HasTftp,
    TftpSettings Tftp,
    bool HasRouterAdvertisements,
    int HttpPort,
    int HttpConnectionsMax,
    int HttpPerAddressMax,
    string ProgramsFolder,
    UnknownMachineSettings Unknown,
    HttpsSettings? Https,
    CaptureBootSettings? Capture,
    int CapturesAtOnce
)
{
    private const int CountMax = 1 << 16;
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static BootSettings Read(SettingsReader boot, string serverName)
    {
        var interfaces = boot.Texts("interfaces");
        var httpPort = boot.Number("http.port", 1, 65535);
        return new(
            interfaces,
            boot.Flag("dhcp.enabled"),
            ReadDhcp(boot.At("dhcp"), interfaces, httpPort) with
            {
                ServerName = serverName,
            },
            boot.Flag("tftp.enabled"),
            new()
            {
                Interfaces = interfaces,
                Folder = boot.Text("programs-folder"),
                MaxTransfers = boot.Number("tftp.transfers-max", 1, CountMax),
                MaxPerAddress = boot.Number("tftp.transfers-per-address-max", 1, CountMax),
            },
            boot.Flag("router-advertisements.enabled"),
            httpPort,
            boot.Number("http.connections-max", 1, CountMax),
            boot.Number("http.connections-per-address-max", 1, CountMax),
            boot.Text("programs-folder"),
            new()
            {
                AddsPerSecond = boot.Number("unknown-machines.adds-per-second", 1, 1000),
                AddsAtOnce = boot.Number("unknown-machines.adds-at-once", 1, 100_000),
                NeedsLease = boot.Flag("unknown-machines.need-lease"),
            },
            HttpsSettings.Read(boot.At("https")),
            ReadCapture(boot.At("capture")),
            boot.Number("capture.at-once", 1, 1000)
        );
    }

    private static CaptureBootSettings? ReadCapture(SettingsReader capture)
    {
        var (kernel, initrd, arguments) = (capture.Text("kernel"), capture.Text("initrd"), capture.Text("arguments"));
        if (!KernelArguments.AreSafe(arguments, out var reason))
            throw capture.Wrong("arguments", arguments, $"words of a kernel's command line: {reason}");
        return (kernel.Length, initrd.Length) switch
        {
            (0, 0) => null,
            (> 0, > 0) => new(Path.GetFullPath(kernel), Path.GetFullPath(initrd), arguments),
            _ => throw new SettingsException(
                "hatchery.boot.capture: a kernel and an initrd come together: name both, or neither"
            ),
        };
    }

    private static DhcpSettings ReadDhcp(SettingsReader dhcp, IReadOnlyList<string> interfaces, int httpPort) =>
        new()
        {
            Mode = dhcp.Choice<DhcpMode>("mode"),
            Interfaces = interfaces,
            Subnets = dhcp.Objects("subnets", Subnet),
            Reservations = dhcp.Objects("reservations", Reservation),
            LeaseDuration = dhcp.Duration("lease-duration", s_second),
            LeaseDurationMin = dhcp.Duration("lease-duration-min", s_second),
            LeaseDurationMax = dhcp.Duration("lease-duration-max", TimeSpan.Zero),
            OfferDuration = dhcp.Duration("offer-duration", s_second),
            DeclineDuration = dhcp.Duration("decline-duration", s_second),
            PingTimeout = dhcp.Duration("ping-timeout", TimeSpan.Zero),
            NewMachinesPerSecond = dhcp.Number("new-machines.per-second", 1, 100_000),
            NewMachinesAtOnce = dhcp.Number("new-machines.at-once", 1, 100_000),
            Authoritative = dhcp.Flag("authoritative"),
            HttpPort = httpPort,
            Options = Options(dhcp),
            Programs = new()
            {
                Bios = dhcp.Text("programs.bios"),
                UefiX86 = dhcp.Text("programs.uefi-x86"),
                UefiX64 = dhcp.Text("programs.uefi-x64"),
                UefiX64Http = dhcp.Text("programs.uefi-x64-http"),
                UefiArm32 = dhcp.Text("programs.uefi-arm32"),
                UefiArm64 = dhcp.Text("programs.uefi-arm64"),
                UefiArm64Http = dhcp.Text("programs.uefi-arm64-http"),
                Bootp = dhcp.Text("programs.bootp"),
            },
        };

    private static DhcpSubnet Subnet(SettingsReader subnet) =>
        new(
            System.Net.IPNetwork.TryParse(subnet.Text("network"), out var network)
                ? network
                : throw subnet.Wrong("network", subnet.Text("network"), "a network, e.g. 10.77.0.0/24"),
            subnet.Has("first") ? subnet.Address("first") : null,
            subnet.Has("last") ? subnet.Address("last") : null
        )
        {
            Excluded = subnet.Has("exclude")
                ? [.. subnet.Texts("exclude").Select(t => Range(subnet, "exclude", t))]
                : [],
            Bootp = subnet.Has("bootp") ? Range(subnet, "bootp", subnet.Text("bootp")) : null,
            Routers = Addresses(subnet, "routers"),
            NameServers = Addresses(subnet, "name-servers"),
            DomainName = subnet.Has("domain") ? subnet.Text("domain") : null,
            Options = subnet.Has("options") ? Options(subnet) : DhcpOptions.None,
        };

    private static DhcpOptions Options(SettingsReader reader)
    {
        var options = DhcpOptions.None;
        foreach (var text in reader.Texts("options"))
        {
            if (!DhcpOptionText.TryParse(text, out var code, out var value, out var error))
                throw reader.Wrong("options", text, $"a list of DHCP options: {error}");
            options = options.With(code, value);
        }
        return options;
    }

    private static AddressRange Range(SettingsReader subnet, string key, string text) =>
        AddressRange.Parse(text)
        ?? throw subnet.Wrong(key, text, "an address or a range of addresses, e.g. 10.77.0.130-10.77.0.140");

    private static DhcpReservation Reservation(SettingsReader reservation) =>
        new(
            Wire.MacAddress.TryParse(reservation.Text("mac"), null, out var mac)
                ? mac
                : throw reservation.Wrong("mac", reservation.Text("mac"), "a MAC address, e.g. 52:54:00:12:34:56"),
            reservation.Address("address"),
            reservation.Has("host-name") ? reservation.Text("host-name") : null
        );

    private static IReadOnlyList<IPAddress> Addresses(SettingsReader reader, string key) =>
        reader.Has(key)
            ?
            [
                .. reader
                    .Texts(key)
                    .Select(t =>
                        IPAddress.TryParse(t, out var a) ? a : throw reader.Wrong(key, t, "a list of IP addresses")
                    ),
            ]
            : [];
}
