using System.Text;

namespace Hatchery.Boot.Http;

internal enum FileRequestRead
{
    /// <summary>More bytes decide.</summary>
    Incomplete,

    /// <summary>It asks for something else than a file.</summary>
    Other,

    /// <summary>It asks for a file, in a way that no HTTP client does.</summary>
    Bad,

    File,
}

/// <summary>A request of HTTP/1 for a file, as far as it matters here (RFC 9112).</summary>
/// <param name="Path">Decoded, without its question.</param>
internal sealed record FileRequest(
    bool IsHead,
    string Path,
    bool KeepsAlive,
    string? Range = null,
    string? IfRange = null,
    string? IfNoneMatch = null,
    string? IfModifiedSince = null
)
{
    /// <summary>Longer heads are bad.</summary>
    public const int HeadBytesMax = 8192;

    private static readonly string[] s_begins =
    [
        "GET /ipxe/",
        "HEAD /ipxe/",
        "GET /vdisk/",
        "HEAD /vdisk/",
        "GET /capture/",
        "HEAD /capture/",
    ];

    /// <summary>Total: any bytes at all give an answer.</summary>
    /// <param name="headBytes">How much of it is done with.</param>
    public static FileRequestRead TryRead(ReadOnlySpan<byte> bytes, out FileRequest? request, out int headBytes)
    {
        (request, headBytes) = (null, 0);
        var text = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, HeadBytesMax)]);
        if (!s_begins.Any(b => text.StartsWith(b, StringComparison.Ordinal)))
            return s_begins.Any(b => b.StartsWith(text, StringComparison.Ordinal))
                ? FileRequestRead.Incomplete
                : FileRequestRead.Other;
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0 && bytes.Length < HeadBytesMax)
            return FileRequestRead.Incomplete;
        headBytes = end < 0 ? text.Length : end + 4;
        if (end < 0)
            return FileRequestRead.Bad;
        request = Parse(text[..end].Split("\r\n"));
        return request is null ? FileRequestRead.Bad : FileRequestRead.File;
    }

    private static FileRequest? Parse(string[] lines)
    {
        if (lines[0].Split(' ') is not [var method, var target, "HTTP/1.0" or "HTTP/1.1"])
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || char.IsWhiteSpace(line[0]) || char.IsWhiteSpace(line[colon - 1]))
                return null;
            headers.TryAdd(line[..colon], line[(colon + 1)..].Trim());
        }
        // What follows a body would be read as a request.
        if (headers.ContainsKey("Transfer-Encoding") || headers.GetValueOrDefault("Content-Length", "0") != "0")
            return null;
        var closes = headers.GetValueOrDefault("Connection", "").Contains("close", StringComparison.OrdinalIgnoreCase);
        return new(
            method == "HEAD",
            Uri.UnescapeDataString(target.Split('?')[0]),
            !closes && lines[0].EndsWith("1.1", StringComparison.Ordinal),
            headers.GetValueOrDefault("Range"),
            headers.GetValueOrDefault("If-Range"),
            headers.GetValueOrDefault("If-None-Match"),
            headers.GetValueOrDefault("If-Modified-Since")
        );
    }
}
