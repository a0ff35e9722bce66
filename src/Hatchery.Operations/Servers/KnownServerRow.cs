using System.Globalization;
using System.Text.Json.Serialization;
using Hatchery.Devices;

namespace Hatchery.Operations;

/// <summary>A server of the farm as the one that was asked knows it.</summary>
/// <param name="State">up, draining or silent.</param>
/// <param name="Here">It is the one that was asked.</param>
/// <param name="Full">Its store has no room: writes of new blocks are refused.</param>
/// <param name="StoreLost">Its store's disk fails or is gone.</param>
/// <param name="CopiesMissing">Of its devices' write caches, those that lie at fewer servers than they should.</param>
/// <param name="OwnCachesLow">Machines that told it of a write cache of their own that has little room, or none.</param>
internal sealed record KnownServerRow(
    string Name,
    string Address,
    string Site,
    string State,
    bool Draining,
    bool Here,
    int Devices,
    int DevicesMax,
    int Images,
    int IscsiPort,
    int NbdPort,
    int HttpPort,
    int TftpPort,
    DateTimeOffset HeardAt,
    int CopiesMissing,
    bool Full,
    int ImagesDamaged = 0,
    bool StoreLost = false,
    int OwnCachesLow = 0
)
{
    public static KnownServerRow Of(KnownServer server) =>
        new(
            server.Status.Name,
            server.Status.Address,
            server.Status.Site,
            server.State == ServerState.Silent ? "silent"
                : server.IsDraining ? "draining"
                : "up",
            server.IsDraining,
            server.IsSelf,
            server.Status.Devices,
            server.Status.DevicesMax,
            server.Status.Images.Length,
            server.Status.IscsiPort,
            server.Status.NbdPort,
            server.Status.HttpPort,
            server.Status.TftpPort,
            server.HeardAt,
            server.Status.CopiesMissing,
            server.Status.IsFull,
            server.Status.ImagesDamaged,
            server.Status.IsStoreLost,
            server.Status.OwnCachesLow
        );

    public static string Table(IReadOnlyList<KnownServerRow> rows) =>
        Operations.Table.Of(
            ["NAME", "ADDRESS", "SITE", "STATE", "DEVICES", "IMAGES", "ISCSI", "NBD", "HTTP", "TFTP", "HEARD (UTC)"],
            rows.Select(s =>
                (IReadOnlyList<string>)
                    [
                        s.Here ? s.Name + " *" : s.Name,
                        s.Address,
                        s.Site,
                        s.State,
                        string.Create(CultureInfo.InvariantCulture, $"{s.Devices} of {s.DevicesMax}"),
                        s.Images.ToString(CultureInfo.InvariantCulture),
                        Port(s.IscsiPort),
                        Port(s.NbdPort),
                        Port(s.HttpPort),
                        Port(s.TftpPort),
                        Clock.Text(s.HeardAt),
                    ]
            )
        );

    private static string Port(int port) => port == 0 ? "-" : port.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<KnownServerRow>))]
[JsonSerializable(typeof(FarmStatusRow))]
[JsonSerializable(typeof(IReadOnlyList<MoveRow>))]
internal sealed partial class ServerJson : JsonSerializerContext;
