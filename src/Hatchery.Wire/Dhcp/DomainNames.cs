using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Hatchery.Wire.Dhcp;

/// <summary>Domain names as labels with their lengths before them (RFC 1035 section 3.1), one after the other (RFC 3397).</summary>
internal static class DomainNames
{
    private const int LabelMaxBytes = 63;
    private const int NameMaxBytes = 255;

    public static bool TryParse(string text, [NotNullWhen(true)] out byte[]? name)
    {
        name = null;
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var label in text.TrimEnd('.').Split('.'))
        {
            if (!IsLabel(label))
                return false;
            bytes.Write<byte>([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        }
        bytes.Write<byte>([0]);
        name = bytes.WrittenCount <= NameMaxBytes ? bytes.WrittenSpan.ToArray() : null;
        return name is not null;
    }

    /// <summary>The names, parted by commas; null where the bytes are none. Compressed ones are not read: nothing here writes them.</summary>
    public static string? Show(ReadOnlySpan<byte> names)
    {
        var (shown, labels) = (new List<string>(), new List<string>());
        while (!names.IsEmpty)
        {
            var length = names[0];
            if (length == 0)
            {
                if (labels.Count == 0)
                    return null;
                shown.Add(string.Join('.', labels));
                labels.Clear();
                names = names[1..];
                continue;
            }
            if (length > LabelMaxBytes || names.Length < 1 + length)
                return null;
            var label = Encoding.Latin1.GetString(names.Slice(1, length));
            if (!IsLabel(label))
                return null;
            labels.Add(label);
            names = names[(1 + length)..];
        }
        return labels.Count == 0 && shown.Count > 0 ? string.Join(',', shown) : null;
    }

    private static bool IsLabel(string label) =>
        label.Length is >= 1 and <= LabelMaxBytes
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
        && label[0] != '-'
        && label[^1] != '-';
}
