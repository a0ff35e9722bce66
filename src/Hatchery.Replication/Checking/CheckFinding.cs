using System.Text.Json;
using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Replication;

public enum CheckState
{
    /// <summary>All of it is what it should be.</summary>
    Sound,

    Damaged,

    /// <summary>It was damaged.</summary>
    Repaired,

    /// <summary>It is not here: another server's image comes by itself.</summary>
    Missing,

    /// <summary>Nothing can be said of it.</summary>
    Unknown,
}

/// <summary>What was found of one image or write cache at one server.</summary>
/// <param name="Cache">Of the write cache; null: it is of the image.</param>
/// <param name="Device">Whose write cache it is.</param>
/// <param name="Detail">What is wrong with it, or was done; null: nothing to say.</param>
public sealed record CheckFinding(
    LayerId Image,
    CheckState State,
    string? Detail = null,
    LayerId? Cache = null,
    DeviceId? Device = null
)
{
    private const int DetailMax = 300;

    /// <summary>As many as an answer takes, those with damage first.</summary>
    internal const int CountMax = 1000;

    internal static byte[] ToJson(IReadOnlyList<CheckFinding> findings) =>
        JsonSerializer.SerializeToUtf8Bytes(
            [
                .. findings
                    .OrderBy(f => f.State == CheckState.Sound)
                    .Take(CountMax)
                    .Select(f => new FindingJson(
                        f.Image.ToString(),
                        f.State.ToString(),
                        f.Detail is { Length: > DetailMax } long_ ? long_[..DetailMax] : f.Detail,
                        f.Cache?.ToString(),
                        f.Device?.ToString()
                    )),
            ],
            FindingJsonContext.Default.FindingJsonArray
        );

    /// <summary>Null for what is no list of findings.</summary>
    internal static IReadOnlyList<CheckFinding>? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, FindingJsonContext.Default.FindingJsonArray) is not { } read)
                return null;
            var findings = new List<CheckFinding>();
            foreach (var one in read.Take(CountMax))
            {
                if (
                    one is null
                    || !LayerId.TryParse(one.Image, null, out var image)
                    || !Enum.TryParse(one.State, out CheckState state)
                    || !Enum.IsDefined(state)
                )
                    return null;
                findings.Add(
                    new(
                        image,
                        state,
                        one.Detail is null ? null : FrameStream.Plain(one.Detail),
                        LayerId.TryParse(one.Cache, null, out var cache) ? cache : null,
                        DeviceId.TryParse(one.Device, null, out var device) ? device : null
                    )
                );
            }
            return findings;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record FindingJson(string Image, string State, string? Detail, string? Cache, string? Device);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(FindingJson[]))]
internal sealed partial class FindingJsonContext : JsonSerializerContext;
