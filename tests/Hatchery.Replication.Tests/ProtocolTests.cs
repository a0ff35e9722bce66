using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Replication.Tests;

public sealed class ProtocolTests(ITestOutputHelper output)
{
    private static readonly FarmId s_farm = Node.Farm;
    private static readonly LayerId s_image = new(new Guid(9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 255));

    [Fact]
    public void Whatever_is_written_is_read_back()
    {
        var random = Seed.New(output);
        for (var run = 0; run < 1000; run++)
        {
            var hello = new ReplicationHello((ushort)random.Next(65536), s_farm, $"server-{random.Next()}");
            Assert.True(ReplicationHello.TryRead(hello.ToBytes(), out var greeted));
            Assert.Equal(hello, greeted);

            var request = new ReplicationRequest(
                s_image,
                (ImagePart)random.Next(3),
                random.NextInt64(),
                random.Next(FrameHeader.ReplyMaxBytes + 1)
            );
            var bytes = new byte[ReplicationRequest.Bytes];
            request.Write(bytes);
            Assert.True(ReplicationRequest.TryRead(bytes, out var asked));
            Assert.Equal(request, asked);

            var hash = new byte[32];
            random.NextBytes(hash);
            var listing = new ImageListing(
                s_image,
                random.NextInt64(),
                Convert.ToHexStringLower(hash),
                random.Next(101)
            );
            var listed = new byte[ImageListing.Bytes * 2];
            listing.Write(listed);
            listing.Write(listed.AsSpan(ImageListing.Bytes));
            Assert.True(ImageListing.TryReadAll(listed, out var all));
            Assert.Equal([listing, listing], all);

            var header = new FrameHeader((FrameKind)random.Next(1, 10), random.Next(FrameHeader.ReplyMaxBytes + 1));
            var head = new byte[FrameHeader.Bytes];
            header.Write(head);
            Assert.True(FrameHeader.TryRead(head, FrameHeader.ReplyMaxBytes, out var framed));
            Assert.Equal(header, framed);
            Assert.Equal(
                header.LengthBytes <= FrameHeader.RequestMaxBytes,
                FrameHeader.TryRead(head, FrameHeader.RequestMaxBytes, out _)
            );
        }
    }

    [Fact]
    public void Hostile_bytes_are_refused_or_read_and_never_throw()
    {
        var random = Seed.New(output);
        var hello = new ReplicationHello(1, s_farm, "pc").ToBytes();
        var request = new byte[ReplicationRequest.Bytes];
        new ReplicationRequest(s_image, ImagePart.Disk, 5, 6).Write(request);
        var read = 0;
        for (var run = 0; run < 100_000; run++)
        {
            byte[] bytes =
            [
                .. run % 3 == 0 ? hello
                : run % 3 == 1 ? request
                : new byte[random.Next(200)],
            ];
            if (bytes.Length > 0 && random.Next(4) > 0)
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
            bytes = bytes[..random.Next(bytes.Length + 1)];
            if (ReplicationHello.TryRead(bytes, out var greeted))
            {
                Assert.Equal(bytes, greeted.ToBytes());
                read++;
            }
            if (ReplicationRequest.TryRead(bytes, out var asked))
            {
                Assert.InRange(asked.Length, 0, FrameHeader.ReplyMaxBytes);
                Assert.True(asked.Offset >= 0 && Enum.IsDefined(asked.Part));
                read++;
            }
            if (ImageListing.TryReadAll(bytes, out var all))
                Assert.All(all, l => Assert.InRange(l.Percent, 0, 100));
            if (FrameHeader.TryRead(bytes, 1000, out var header))
                Assert.InRange(header.LengthBytes, 0, 1000);
            _ = FrameStream.Text(bytes);
            _ = ImageManifest.TryRead(bytes);
        }
        // Some were meant to be good.
        Assert.InRange(read, 1, 99_999);
    }
}
