using System.Text;
using Hatchery.Boot.Http;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests.Http;

public sealed class FileRequestTests(ITestOutputHelper output)
{
    [Fact]
    public void A_request_is_read_with_what_matters_of_its_headers()
    {
        var read = Read(
            "GET /vdisk/a%20b/kernel?x=y HTTP/1.1\r\nHost: x\r\nrange:  bytes=1-2 \r\nIF-NONE-MATCH: \"t\"\r\n\r\nGET ",
            out var request,
            out var headBytes
        );
        Assert.Equal((FileRequestRead.File, 89), (read, headBytes));
        Assert.Equal(new(false, "/vdisk/a b/kernel", true, "bytes=1-2", IfNoneMatch: "\"t\""), request);
    }

    [Theory]
    [InlineData("GET /ipxe/a HTTP/1.0\r\n\r\n", false)]
    [InlineData("GET /ipxe/a HTTP/1.1\r\n\r\n", true)]
    [InlineData("GET /ipxe/a HTTP/1.1\r\nConnection: Close\r\n\r\n", false)]
    public void A_connection_is_kept_as_its_client_wants_it(string text, bool keepsAlive)
    {
        Assert.Equal(FileRequestRead.File, Read(text, out var request, out _));
        Assert.Equal(keepsAlive, request!.KeepsAlive);
    }

    [Theory]
    [InlineData("GET /boot/52-54-00-00-00-01 HTTP/1.1\r\n\r\n")]
    [InlineData("POST /ipxe/a HTTP/1.1\r\n\r\n")]
    [InlineData("get /ipxe/a HTTP/1.1\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    public void Whatever_is_not_for_a_file_is_left_to_others(string text) =>
        Assert.Equal(FileRequestRead.Other, Read(text, out _, out _));

    [Theory]
    [InlineData("GET /ipxe/a\r\n\r\n")]
    [InlineData("GET /ipxe/a b HTTP/1.1\r\n\r\n")]
    [InlineData("GET /ipxe/a HTTP/2\r\n\r\n")]
    [InlineData("GET /ipxe/a HTTP/1.1\r\nno colon\r\n\r\n")]
    [InlineData("GET /ipxe/a HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n")]
    [InlineData("GET /ipxe/a HTTP/1.1\r\nRange : bytes=1-2\r\n\r\n")]
    [InlineData("GET /ipxe/a HTTP/1.1\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("GET /ipxe/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    public void What_no_client_sends_is_bad(string text) => Assert.Equal(FileRequestRead.Bad, Read(text, out _, out _));

    [Fact]
    public void A_head_without_an_end_is_bad_when_it_is_too_long()
    {
        var text = "GET /ipxe/" + new string('a', FileRequest.HeadBytesMax);
        Assert.Equal(FileRequestRead.Incomplete, Read(text[..^100], out _, out _));
        Assert.Equal(FileRequestRead.Bad, Read(text, out _, out _));
    }

    [Fact]
    public void Every_beginning_of_a_request_is_incomplete_and_any_bytes_are_answered()
    {
        var random = Seed.New(output);
        var whole = Encoding.Latin1.GetBytes(
            "HEAD /vdisk/x/initrd HTTP/1.1\r\nHost: 10.7.0.1\r\nRange: bytes=0-\r\n\r\n"
        );
        for (var length = 0; length < whole.Length; length++)
            Assert.Equal(FileRequestRead.Incomplete, FileRequest.TryRead(whole.AsSpan(0, length), out _, out _));
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])whole.Clone();
            for (var change = random.Next(1, 6); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var read = FileRequest.TryRead(bytes, out var request, out var headBytes);
            Assert.Equal(read == FileRequestRead.File, request is not null);
            Assert.InRange(headBytes, 0, bytes.Length);
        }
    }

    [Fact]
    public void Ranges_are_those_that_a_plain_reading_gives()
    {
        var random = Seed.New(output);
        for (var round = 0; round < 20_000; round++)
        {
            var length = random.Next(0, 30);
            var (from, to) = (random.Next(-1, 35), random.Next(-1, 35));
            var text = $"bytes={(from < 0 ? "" : from)}-{(to < 0 ? "" : to)}";
            var asked = Enumerable
                .Range(0, length)
                .Where(i => from >= 0 ? i >= from && (to < 0 || i <= to) : i >= length - to)
                .ToArray();
            var isRange = (from, to) is not (< 0, < 0) && (from < 0 || to < 0 || to >= from);
            ByteRange? expected =
                !isRange ? null
                : asked.Length == 0 ? new(false, 0, 0)
                : new(true, asked[0], asked.Length);
            Assert.Equal((text, length, expected), (text, length, ByteRange.Of(text, length)));
        }
        foreach (
            var text in (string?[])[null, "", "bytes", "bytes=", "bytes=1", "bytes=a-b", "bytes=0-1,3-4", "lines=1-2"]
        )
            Assert.Null(ByteRange.Of(text, 10));
        Assert.Equal(new ByteRange(true, 0, 10), ByteRange.Of("bytes=0-99999999999999999", 10));
        Assert.Null(ByteRange.Of("bytes=0-99999999999999999999", 10));
    }

    private static FileRequestRead Read(string text, out FileRequest? request, out int headBytes) =>
        FileRequest.TryRead(Encoding.Latin1.GetBytes(text), out request, out headBytes);
}
