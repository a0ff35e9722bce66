using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hatchery.Disks;

public enum ImageCompanion
{
    Kernel,
    Initrd,
}

/// <summary>What an image or a closed layer is, as it was when it was made; the last file that is written, so an image with a manifest is whole.</summary>
/// <param name="LengthBytes">Of <c>disk.raw</c>, or of <c>layer</c>.</param>
/// <param name="Sha256">Of the hashes of <c>disk.raw</c>'s chunks, 64 lower-case hexadecimal digits: see <see cref="ImageChunks"/>.</param>
/// <param name="SourceFormat">What it was imported from, as qemu-img names it: <c>raw</c>, <c>qcow2</c>, ...</param>
/// <param name="Companions">Length and hash of the files beside the disk, by name.</param>
/// <param name="ChunkBytes">Null for an image of before there were chunks (version 1): its hash is that of <c>disk.raw</c> itself.</param>
/// <param name="Parent">Of a closed layer (version 3): what it lies on; null for a base image.</param>
/// <param name="LayeredBytes">Of a closed layer: the length of the disk that it is a layer of.</param>
/// <param name="SectorBytes">Of a base image: the logical block that machines see, 512 or 4096 (version 4).</param>
public sealed record ImageManifest(
    LayerId Layer,
    string Name,
    long LengthBytes,
    string Sha256,
    string SourceFormat,
    DateTimeOffset ImportedAt,
    IReadOnlyDictionary<string, ImageFile> Companions,
    int? ChunkBytes = null,
    LayerId? Parent = null,
    long? LayeredBytes = null,
    int SectorBytes = RecordExtent.BlockBytes
)
{
    /// <summary>Of a base image with other sectors than of 512 bytes.</summary>
    public const int SectorsVersion = 4;
    public const int LayerVersion = 3;
    public const int Version = 2;
    private const int VersionWithoutChunks = 1;

    /// <summary>The one sector size beside 512.</summary>
    public const int LargeSectorBytes = 4096;

    /// <summary>The length of the disk that a device sees, in which there may be a further sector begun.</summary>
    public long DiskBytes => LayeredBytes ?? LengthBytes;

    public static string FileName(ImageCompanion companion) => companion == ImageCompanion.Kernel ? "kernel" : "initrd";

    public byte[] ToJson() =>
        JsonSerializer.SerializeToUtf8Bytes(
            new ManifestJson(
                ChunkBytes is null ? VersionWithoutChunks
                    : SectorBytes != RecordExtent.BlockBytes ? SectorsVersion
                    : Parent is null ? Version
                    : LayerVersion,
                Layer.ToString(),
                Name,
                LengthBytes,
                Sha256,
                SourceFormat,
                ImportedAt,
                new(Companions, StringComparer.Ordinal),
                ChunkBytes,
                Parent?.ToString(),
                LayeredBytes,
                SectorBytes == RecordExtent.BlockBytes ? null : SectorBytes
            ),
            ManifestJsonContext.Default.ManifestJson
        );

    /// <summary>Null for what is no manifest of this version.</summary>
    public static ImageManifest? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            return
                JsonSerializer.Deserialize(json, ManifestJsonContext.Default.ManifestJson) is { } read
                && (read.Version, read.ChunkBytes)
                    is
                        (VersionWithoutChunks, null)
                        or
                        (Version or LayerVersion or SectorsVersion, ImageChunks.ChunkBytes)
                && TryReadParent(read, out var parent)
                && read.Version == SectorsVersion == read.SectorBytes is LargeSectorBytes
                && read.LengthBytes % (read.SectorBytes ?? 1) == 0
                && LayerId.TryParse(read.Layer, null, out var layer)
                && read.LengthBytes is >= 0 and <= RecordHeader.DiskLengthMaxBytes
                ? new(
                    layer,
                    read.Name,
                    read.LengthBytes,
                    read.Sha256,
                    read.SourceFormat,
                    read.ImportedAt,
                    read.Companions,
                    read.ChunkBytes,
                    parent,
                    read.LayeredBytes,
                    read.SectorBytes ?? RecordExtent.BlockBytes
                )
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool TryReadParent(ManifestJson read, out LayerId? parent)
    {
        parent = LayerId.TryParse(read.Parent, null, out var id) ? id : null;
        return read.Version == LayerVersion
            ? parent is not null && read.LayeredBytes is >= 0 and <= RecordHeader.DiskLengthMaxBytes
            : (read.Parent, read.LayeredBytes) is (null, null);
    }
}

public sealed record ImageFile(long LengthBytes, string Sha256);

internal sealed record ManifestJson(
    int Version,
    string Layer,
    string Name,
    long LengthBytes,
    string Sha256,
    string SourceFormat,
    DateTimeOffset ImportedAt,
    Dictionary<string, ImageFile> Companions,
    int? ChunkBytes = null,
    string? Parent = null,
    long? LayeredBytes = null,
    int? SectorBytes = null
);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(ManifestJson))]
internal sealed partial class ManifestJsonContext : JsonSerializerContext;
