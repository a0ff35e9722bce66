using System.Text.Json.Serialization;
using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Operations;

/// <summary>A store as operators and their scripts see it. Bytes; fields are only ever added.</summary>
/// <param name="State">ok, warning (a configured part of what write caches may take is in use), full (devices' writes are refused) or lost (its disk fails or is gone).</param>
/// <param name="Loss">Why it is lost.</param>
/// <param name="WriteCachesMaxBytes">0: what the file system has, less the reserve.</param>
internal sealed record StoreRow(
    string Folder,
    string State,
    long FreeBytes,
    long ReserveBytes,
    long WriteCachesBytes,
    long WriteCachesMaxBytes,
    int OpenFiles,
    int OpenFilesMax,
    long IndexMemoryBytes,
    long IndexMemoryMaxBytes,
    IReadOnlyList<CacheRow> WriteCaches,
    string? Loss = null
);

/// <param name="State">open, closed or set-aside.</param>
/// <param name="Fault">What is wrong with it.</param>
/// <param name="LiveBytes">What the device wrote and still needs; null while nobody has it open.</param>
/// <param name="Level">How near it is to its limit: ok, warning, full.</param>
internal sealed record CacheRow(
    string Layer,
    string? Device,
    string State,
    long? LiveBytes,
    long? LimitBytes,
    long FileBytes,
    string? Level,
    DateTimeOffset ChangedAt,
    string? Fault
)
{
    public static CacheRow Of(StoredCache cache, FarmSnapshot farm, IEnumerable<WriteCache> open)
    {
        var usage = open.FirstOrDefault(c => c.Layer == cache.Layer)?.Usage;
        return new(
            cache.Layer.ToString(),
            cache.Identity is { } identity ? farm.Device(identity.Device)?.Name ?? identity.Device.ToString() : null,
            cache.IsOpen ? "open"
                : cache.IsSetAside ? "set-aside"
                : "closed",
            usage?.LiveBytes,
            usage?.LimitBytes,
            usage?.SizeBytes ?? cache.SizeBytes,
            NameOf(usage?.Level),
            cache.ChangedAt,
            (usage?.Fault ?? cache.Fault)?.ToString()
        );
    }

    public static string? NameOf(CacheLevel? level) => level?.ToString().ToLowerInvariant();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StoreRow))]
internal sealed partial class StoreJson : JsonSerializerContext;
