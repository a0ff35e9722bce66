using System.Text.Json.Serialization;

namespace Hatchery.Devices;

/// <summary>A secret of one device as the journal has it: only who has the farm's key can read it, and for no other device and name.</summary>
/// <param name="Key">Which key it is sealed with: <see cref="FarmKey.Id"/>.</param>
/// <param name="Sealed">A random nonce of 12 bytes, the cipher text, and the tag of 16 bytes (AES-256-GCM).</param>
public sealed record SealedSecret(string Name, string Key, byte[] Sealed, DateTimeOffset SetAt)
{
    public const int CountMax = 16;
    public const int BytesMax = 4096;

    [JsonIgnore]
    internal bool IsSound =>
        PersonalityStrings.WhyNotName(Name) is null
        && Key.Length == FarmKey.IdLength
        && Sealed.Length is > FarmKey.OverheadBytes and <= FarmKey.OverheadBytes + BytesMax;
}
