using System.Globalization;
using System.Text;
using Hatchery.Boot.Files;

namespace Hatchery.Boot.Http;

/// <summary>What a request for a file is answered with: a head, and the bytes of the file that follow it.</summary>
/// <param name="Headers">Besides those that every answer has.</param>
internal sealed record FileReply(int Status, string Headers, long Offset = 0, long Count = 0)
{
    /// <summary>RFC 9110 sections 13 and 14: conditions first, then the range.</summary>
    public static FileReply Of(FileRequest request, BootContent content)
    {
        // HTTP's times have whole seconds.
        var modified = new DateTimeOffset(content.LastWriteUtc, TimeSpan.Zero);
        modified = modified.AddTicks(-(modified.Ticks % TimeSpan.TicksPerSecond));
        var tag = string.Create(
            CultureInfo.InvariantCulture,
            $"\"{content.LengthBytes:x}-{content.LastWriteUtc.Ticks:x}\""
        );
        var about = $"ETag: {tag}\r\nLast-Modified: {modified:R}\r\nAccept-Ranges: bytes\r\n";
        if (IsKnown(request, tag, modified))
            return new(304, about);
        about += "Content-Type: application/octet-stream\r\n";
        var range =
            request.IsHead || !IsOfThis(request.IfRange, tag, modified)
                ? null
                : ByteRange.Of(request.Range, content.LengthBytes);
        return range switch
        {
            { IsSatisfiable: false } => new(
                416,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Content-Range: bytes */{content.LengthBytes}\r\nContent-Length: 0\r\n"
                )
            ),
            { Offset: var offset, Count: var count } => new(
                206,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{about}Content-Range: bytes {offset}-{offset + count - 1}/{content.LengthBytes}\r\nContent-Length: {count}\r\n"
                ),
                offset,
                count
            ),
            null => new(
                200,
                string.Create(CultureInfo.InvariantCulture, $"{about}Content-Length: {content.LengthBytes}\r\n"),
                0,
                request.IsHead ? 0 : content.LengthBytes
            ),
        };
    }

    public static FileReply NotFound { get; } = new(404, "Content-Length: 0\r\n");

    public static FileReply BadRequest { get; } = new(400, "Content-Length: 0\r\n");

    public byte[] Head(bool keepsAlive, DateTimeOffset now)
    {
        var reason = Status switch
        {
            200 => "OK",
            206 => "Partial Content",
            304 => "Not Modified",
            404 => "Not Found",
            416 => "Range Not Satisfiable",
            _ => "Bad Request",
        };
        var end = keepsAlive ? "\r\n" : "Connection: close\r\n\r\n";
        return Encoding.ASCII.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {Status} {reason}\r\nDate: {now:R}\r\n{Headers}{end}"
            )
        );
    }

    private static bool IsKnown(FileRequest request, string tag, DateTimeOffset modified)
    {
        if (request.IfNoneMatch is { } tags)
            return tags.Split(',').Select(t => t.Trim()).Any(t => t == "*" || t == tag || t == $"W/{tag}");
        return TryTime(request.IfModifiedSince, out var known) && modified <= known;
    }

    private static bool IsOfThis(string? ifRange, string tag, DateTimeOffset modified) =>
        ifRange is null || ifRange == tag || (TryTime(ifRange, out var known) && known == modified);

    private static bool TryTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
