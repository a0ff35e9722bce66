using System.Buffers.Binary;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

/// <summary>Decoders take any bytes, also such whose checksum is right.</summary>
public sealed class DecoderFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void A_segment_header_reads_as_it_was_written()
    {
        var page = new byte[SegmentHeader.SizeBytes];
        var crc = Header().Write(page);
        Assert.Equal(SegmentHeaderState.Whole, SegmentHeader.TryRead(page, out var read, out var readCrc));
        Assert.Equal((Header(), crc), (read, readCrc));
    }

    [Fact]
    public void An_unknown_incompatible_feature_refuses_the_segment_and_a_compatible_one_does_not()
    {
        var page = new byte[SegmentHeader.SizeBytes];
        (Header() with { Incompatible = 2 }).Write(page);
        Assert.Equal(SegmentHeaderState.Unsupported, SegmentHeader.TryRead(page, out _, out _));
        (Header() with { Compatible = ulong.MaxValue }).Write(page);
        Assert.Equal(SegmentHeaderState.Whole, SegmentHeader.TryRead(page, out _, out _));
    }

    [Fact]
    public void Random_bytes_with_a_right_checksum_never_throw()
    {
        var random = Seed.New(output);
        var page = new byte[SegmentHeader.SizeBytes];
        var sector = new byte[RecordHeader.HeaderBytes];
        var accepted = 0;
        for (var i = 0; i < 20_000; i++)
        {
            Header().Write(page);
            page[random.Next(8, 200)] = (byte)random.Next(256);
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(4092), Crc32C.Append(0, page.AsSpan(0, 4092)));
            SegmentHeader.TryRead(page.AsSpan(0, random.Next(4) == 0 ? random.Next(4096) : 4096), out _, out _);

            for (var n = 0; n < 3; n++)
                RecordHeader.WriteExtent(sector, n, new(random.Next(100), random.Next(1, 9), n == 1));
            Record().Write(sector, 1);
            for (var n = random.Next(3); n > 0; n--)
                sector[random.Next(8, 120)] = (byte)random.Next(256);
            var crc = Crc32C.Append(Crc32C.Append(1, sector.AsSpan(0, 4)), sector.AsSpan(8));
            BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(4), crc);
            if (RecordHeader.TryRead(sector, 1, out var read, out _))
            {
                accepted++;
                Assert.InRange(read.SizeBytes, 512, RecordHeader.SizeMaxBytes);
                for (var n = 0; n < read.Extents; n++)
                    Assert.InRange(RecordHeader.ReadExtent(sector, n).EndBlock, 1, long.MaxValue);
            }
            random.NextBytes(sector);
            Assert.False(RecordHeader.TryRead(sector, 1, out _, out _));
            IndexEntry.TryRead(sector.AsSpan(random.Next(500)), 1000, 1 << 20, out _);
        }
        Assert.NotEqual(0, accepted);
    }

    private static SegmentHeader Header() =>
        new(
            0,
            0,
            new(Guid.NewGuid()),
            default,
            default,
            new(3),
            new(new Guid(1, 2, 3, new byte[8])),
            default,
            7,
            1 << 30,
            default,
            4096,
            5,
            6
        )
        {
            Farm = default,
        };

    private static RecordHeader Record() => new(RecordKind.Write, 1, 2, 8192, new(3), 4096, 512 + (8 * 512), 512, 1, 0);
}
