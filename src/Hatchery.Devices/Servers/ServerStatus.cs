using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>What a server tells the others about itself, every few seconds.</summary>
/// <param name="Address">Where machines reach it; an IP address.</param>
/// <param name="IscsiPort">0: not served; likewise the others.</param>
/// <param name="Devices">That it serves now, of <paramref name="DevicesMax"/>.</param>
/// <param name="Site">Where it stands: the name of a site, as its configuration has it.</param>
/// <param name="CopiesMissing">Write caches of the devices that it serves that lie at fewer servers than it is told to have them.</param>
/// <param name="ImagesDamaged">Images and closed layers in its store that are known to be damaged, and are not served.</param>
/// <param name="OwnCachesLow">Machines that told it of a write cache of their own that has little room, or none.</param>
/// <param name="IsLeaving">It is being stopped, and hands over what it serves.</param>
/// <param name="Makings">Versions that it makes, or would; at most <see cref="MakingsMax"/>.</param>
/// <param name="IsFull">Its store has no room: writes of new blocks are refused.</param>
/// <param name="IsStoreLost">Its store's disk fails or is gone: it takes no boots, and no copies of write caches.</param>
/// <param name="Images">What lies whole in its store; at most <see cref="ImagesMax"/>.</param>
public sealed record ServerStatus(
    string Name,
    string Address,
    int IscsiPort,
    int NbdPort,
    int HttpPort,
    int TftpPort,
    int Devices,
    int DevicesMax,
    ImmutableArray<LayerId> Images,
    DateTimeOffset StartedAt,
    int ReplicationPort = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int MirrorPort = 0,
    string Site = ServerStatus.DefaultSite,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int CopiesMissing = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsLeaving = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        ImmutableArray<MakingStatus> Makings = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsFull = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int HttpsPort = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int ImagesDamaged = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsStoreLost = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int OwnCachesLow = 0
)
{
    /// <summary>The site that is always there.</summary>
    public const string DefaultSite = "default";

    /// <summary>So many fit a message with room to spare.</summary>
    public const int ImagesMax = 1024;

    public const int MakingsMax = 16;

    /// <summary>Null for what is no address.</summary>
    [JsonIgnore]
    public IPAddress? IPAddress => System.Net.IPAddress.TryParse(Address, out var address) ? address : null;

    /// <summary>Whether it can be passed on: what comes from another node is looked at before it is believed.</summary>
    internal bool IsSound =>
        EntityName.IsValid(Name)
        && EntityName.IsValid(Site)
        && IPAddress is not null
        && DevicesMax > 0
        && Devices >= 0
        && CopiesMissing >= 0
        && ImagesDamaged >= 0
        && OwnCachesLow >= 0
        && !Images.IsDefault
        && Images.Length <= ImagesMax
        && (Makings.IsDefault || (Makings.Length <= MakingsMax && Makings.All(m => m is { IsSound: true })))
        && IsPort(IscsiPort)
        && IsPort(NbdPort)
        && IsPort(HttpPort)
        && IsPort(TftpPort)
        && IsPort(ReplicationPort)
        && IsPort(MirrorPort)
        && IsPort(HttpsPort);

    private static bool IsPort(int port) => port is >= 0 and <= 65535;
}

/// <summary>How far a server is with a version that it makes.</summary>
/// <param name="Percent">0 to 100.</param>
/// <param name="Waits">What it waits for, or why it cannot make it, as a sentence; null: it is at work.</param>
public sealed record MakingStatus(
    VDiskId VDisk,
    int Number,
    int Percent,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Waits = null
)
{
    private const int WaitsMax = 500;

    [JsonIgnore]
    internal bool IsSound => Percent is >= 0 and <= 100 && Waits is not { Length: > WaitsMax };

    /// <summary>No longer than can be told.</summary>
    public static string Short(string reason) => reason.Length > WaitsMax ? reason[..WaitsMax] : reason;
}
