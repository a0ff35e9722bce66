using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hatchery.Disks;

public enum ImageCompanion
{
    Kernel,
    Initrd,
}

/// <summary>What an image is, as it was when it was imported; the last file of an import, so an image with a manifest is whole.</summary>
/// <param name="LengthBytes">Of <c>disk.raw</c>.</param>
/// <param name="Sha256">Of the hashes of <c>disk.raw</c>'s chunks, 64 lower-case hexadecimal digits: see <see cref="ImageChunks"/>.</param>
/// <param name="SourceFormat">What it was imported from, as qemu-img names it: <c>raw</c>, <c>qcow2</c>, ...</param>
/// <param name="Companions">Length and hash of the files beside the disk, by name.</param>
/// <param name="ChunkBytes">Null for an image of before there were chunks (version 1): its hash is that of <c>disk.raw</c> itself.</param>
public sealed record ImageManifest(
    LayerId Layer,
    string Name,
    long LengthBytes,
    string Sha256,
    string SourceFormat,
    DateTimeOffset ImportedAt,
    IReadOnlyDictionary<string, ImageFile> Companions,
    int? ChunkBytes = null
)
{
    public const int Version = 2;
    private const int VersionWithoutChunks = 1;

    public static string FileName(ImageCompanion companion) => companion == ImageCompanion.Kernel ? "kernel" : "initrd";

    public byte[] ToJson() =>
        JsonSerializer.SerializeToUtf8Bytes(
            new ManifestJson(
                ChunkBytes is null ? VersionWithoutChunks : Version,
                Layer.ToString(),
                Name,
                LengthBytes,
                Sha256,
                SourceFormat,
                ImportedAt,
                new(Companions, StringComparer.Ordinal),
                ChunkBytes
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
                && (read.Version, read.ChunkBytes) is (VersionWithoutChunks, null) or (Version, ImageChunks.ChunkBytes)
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
                    read.ChunkBytes
                )
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
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
    int? ChunkBytes = null
);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(ManifestJson))]
internal sealed partial class ManifestJsonContext : JsonSerializerContext;
