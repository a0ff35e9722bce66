using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Hatchery.Wire.Iscsi;

/// <summary>Text of login and text PDUs: <c>key=value</c>, each ended by a zero byte (RFC 7143 section 6.1).</summary>
public static class IscsiText
{
    public const int MaxPairs = 128;
    public const int MaxKeyBytes = 63;
    public const int MaxValueBytes = 8192;

    /// <summary>False when a pair has no '=', a key is empty or longer than 63 bytes, or there are more than 128 pairs.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> source,
        [NotNullWhen(true)] out List<KeyValuePair<string, string>>? pairs
    )
    {
        pairs = null;
        var found = new List<KeyValuePair<string, string>>();
        while (!source.IsEmpty)
        {
            var end = source.IndexOf((byte)0);
            var pair = end < 0 ? source : source[..end];
            source = end < 0 ? [] : source[(end + 1)..];
            if (pair.IsEmpty)
                continue;
            var equals = pair.IndexOf((byte)'=');
            if (equals is < 1 or > MaxKeyBytes || pair.Length - equals - 1 > MaxValueBytes || found.Count == MaxPairs)
                return false;
            found.Add(new(Encoding.UTF8.GetString(pair[..equals]), Encoding.UTF8.GetString(pair[(equals + 1)..])));
        }
        pairs = found;
        return true;
    }

    public static byte[] ToBytes(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in pairs)
            text.Append(key).Append('=').Append(value).Append('\0');
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
