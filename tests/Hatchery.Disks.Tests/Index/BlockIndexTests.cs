using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class BlockIndexTests(ITestOutputHelper output)
{
    private const int Segments = 9;

    [Theory]
    [InlineData((3 * 65536 * 8) + 5, 1500)]
    [InlineData(2000, 4000)]
    public void An_index_answers_as_a_plain_array_would(int blocks, int steps)
    {
        var random = Seed.New(output);
        var index = new BlockIndex(blocks);
        var model = new ModelBlock[blocks];
        for (var step = 0; step < steps; step++)
        {
            Change(index, model, random);
            if (step % 200 == 0)
                Check(index, model, random);
        }
        Check(index, model, random);
    }

    [Fact]
    public void What_is_collected_of_every_segment_makes_the_same_index_again()
    {
        var random = Seed.New(output);
        const int Blocks = 70_001;
        var (index, again) = (new BlockIndex(Blocks), new BlockIndex(Blocks));
        var model = new ModelBlock[Blocks];
        for (var step = 0; step < 2000; step++)
            Change(index, model, random);
        for (var segment = 0; segment <= Segments; segment++)
        {
            var found = new List<LivePiece>();
            for (long page = 0; page >= 0; )
                page = index.Collect(page, number => number == segment, found, slotsMax: random.Next(1, 200));
            foreach (var piece in found)
                if (piece.IsZeroes)
                    again.PutZeroes(segment, piece.Block, piece.Blocks);
                else
                    again.PutPiece(piece.Block, (int)piece.Blocks, piece.Location, piece.Crc, piece.LiveMask);
        }
        Check(again, model, random);
    }

    [Theory]
    [InlineData(1, 3.4)]
    [InlineData(10, 3.9)]
    [InlineData(100, 3.9)]
    [InlineData(1000, 4.0)]
    public void Memory_is_under_4_MiB_for_each_GiB_of_random_pages(int diskGiB, double mostMiB)
    {
        const int Pages = (1 << 30) / 4096;
        var random = Seed.New(output);
        var index = new BlockIndex(diskGiB * ((1L << 30) / 512));
        for (var n = 0; n < Pages; n++)
        {
            var page = diskGiB == 1 ? n : random.NextInt64(diskGiB * (long)Pages);
            index.PutPiece(page * 8, 8, BlockLocation.In(1, n * 4096L), 1);
        }
        output.WriteLine($"{diskGiB} GiB: {index.MemoryBytes / (double)(1 << 20):F2} MiB");
        Assert.InRange(index.MemoryBytes, 1 << 20, mostMiB * (1 << 20));
        Assert.InRange(index.LiveBlocks, Pages * 7, Pages * 8);
    }

    [Fact]
    public void Discards_of_a_whole_disk_take_next_to_no_memory()
    {
        const long DiskBlocks = (4L << 40) / 512;
        var index = new BlockIndex(DiskBlocks);
        index.PutPiece(8, 8, BlockLocation.In(1, 4096), 1);
        for (long block = 3; block < DiskBlocks; block += 1 << 22)
            index.PutZeroes(2, block, Math.Min(1 << 22, DiskBlocks - block));
        Assert.InRange(index.MemoryBytes, 0, 1 << 20);
        Assert.Equal(0, index.LiveBlocks);
    }

    private static void Change(BlockIndex index, ModelBlock[] model, Random random)
    {
        var block = random.Next(model.Length);
        var longest = random.Next(20) switch
        {
            0 => model.Length,
            1 => 40_000,
            _ => 40,
        };
        var count = Math.Min(random.Next(1, longest + 1), model.Length - block);
        if (random.Next(2) == 0)
            (block, count) = (block & ~7, Math.Max(8, count & ~7));
        count = Math.Min(count, model.Length - block);
        var segment = random.Next(1, Segments + 1);
        if (random.Next(3) == 0)
        {
            index.PutZeroes(segment, block, count);
            model.AsSpan(block, count).Fill(new(BlockSource.Zeroes, 0, 0, 0));
            return;
        }
        count = Math.Min(count, 2000);
        var offset = random.Next(1 << 16) * 512L;
        var extent = new RecordExtent(block, count, IsZeroes: false);
        var crcs = new uint[extent.Pieces];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(crcs.AsSpan()));
        index.Put(segment, block, count, offset, crcs);
        for (var i = 0; i < count; i++)
        {
            var piece = ((block + i) / 8) - (block / 8);
            model[block + i] = new(BlockSource.Segment, segment, offset + (i * 512L), crcs[piece]);
        }
    }

    private static void Check(BlockIndex index, ModelBlock[] model, Random random)
    {
        var pieces = new BlockPiece[random.Next(1, 70)];
        for (long block = 0; block < model.Length; )
        {
            var wanted = Math.Min(random.Next(1, 3000), model.Length - block);
            var count = index.Find(block, wanted, pieces);
            Assert.InRange(count, 1, pieces.Length);
            foreach (var piece in pieces[..count])
                for (var i = 0; i < piece.Take; i++, block++)
                {
                    var actual =
                        piece.Source == BlockSource.Segment
                            ? new ModelBlock(
                                piece.Source,
                                piece.Location.Segment,
                                piece.Location.Offset + ((piece.Skip + i) * 512L),
                                piece.Crc
                            )
                            : new(piece.Source, 0, 0, 0);
                    Assert.Equal(model[block], actual);
                }
        }
        Assert.Equal(model.Count(m => m.Source == BlockSource.Segment), index.LiveBlocks);
        for (var segment = 1; segment <= Segments; segment++)
            Assert.Equal(
                model.Count(m => m.Source == BlockSource.Segment && m.Segment == segment),
                index.LiveBlocksOf(segment)
            );
    }

    private readonly record struct ModelBlock(BlockSource Source, int Segment, long Offset, uint Crc);
}
