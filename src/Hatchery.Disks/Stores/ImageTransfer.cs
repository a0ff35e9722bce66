using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hatchery.Disks;

public enum ImageTransferKind
{
    Import,
    Export,

    /// <summary>An image that comes from another server.</summary>
    Replica,

    /// <summary>A layer or an image that is made of others.</summary>
    Merge,

    /// <summary>A machine's disk that the machine sends.</summary>
    Capture,
}

/// <summary>An import, an export or a replica that is under way, or was interrupted and waits to be continued.</summary>
/// <param name="Name">Of the vDisk.</param>
/// <param name="Path">The file that is imported, or made.</param>
public sealed record ImageTransfer(
    ImageTransferKind Kind,
    string Name,
    string Path,
    string Format,
    int Percent,
    bool IsRunning,
    DateTimeOffset StartedAt
);

/// <summary>What is kept of a transfer beside its progress, so that the same command continues it.</summary>
/// <param name="Proof">That a source is what it was: a transfer whose proof is another starts over.</param>
/// <param name="Units">How many entries its progress has in the end.</param>
/// <param name="WorkFolder">Of an export, beside its target.</param>
internal sealed record TransferRecord(
    int Version,
    ImageTransferKind Kind,
    string Name,
    string Path,
    string Format,
    string Proof,
    long Units,
    string? WorkFolder,
    DateTimeOffset StartedAt
)
{
    public const int CurrentVersion = 1;
    public const string FileName = "transfer.json";

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TransferJsonContext.Default.TransferRecord);

    /// <summary>Null when there is none that this server can continue.</summary>
    public static TransferRecord? TryRead(string folder)
    {
        try
        {
            var json = File.ReadAllBytes(System.IO.Path.Combine(folder, FileName));
            return
                JsonSerializer.Deserialize(json, TransferJsonContext.Default.TransferRecord)
                    is { Version: CurrentVersion } read
                ? read
                : null;
        }
        catch (Exception none) when (none is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(TransferRecord))]
internal sealed partial class TransferJsonContext : JsonSerializerContext;

/// <summary>How far a transfer came: a file of entries of one size, none of them all zero, appended when what they stand for is durable.</summary>
internal sealed class TransferProgress(string path, int entryBytes)
{
    /// <summary>The entries that are there; what a torn append left is not.</summary>
    public byte[] Read()
    {
        if (!File.Exists(path))
            return [];
        var entries = File.ReadAllBytes(path);
        var count = entries.Length / entryBytes;
        for (var i = 0; i < count; i++)
            if (!entries.AsSpan(i * entryBytes, entryBytes).ContainsAnyExcept((byte)0))
                count = i;
        return entries[..(count * entryBytes)];
    }

    /// <summary>How many entries there are, by the file's length.</summary>
    public long Count() => new FileInfo(path) is { Exists: true } file ? file.Length / entryBytes : 0;

    /// <summary>Writes entries behind the first so many bytes, in place of whatever lies there.</summary>
    public void Append(long atBytes, ReadOnlyMemory<byte> entries, bool sync)
    {
        using var file = new HostFile(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite));
        if (file.Length > atBytes)
            file.Truncate(atBytes);
        file.Write([entries], atBytes);
        if (sync)
            file.Sync();
    }
}
