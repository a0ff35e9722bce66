using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class BlockIndexTests(ITestOutputHelper output)
{
    [Fact]
    public void An_index_answers_as_a_plain_array_would()
    {
        var random = Seed.New(output);
        const int Blocks = 3 * 32768 + 5;
        var index = new BlockIndex(Blocks);
        var model = new ulong[Blocks];
        for (var step = 0; step < 3000; step++)
        {
            var block = random.Next(Blocks);
            var longest = random.Next(20) == 0 ? Blocks : 40;
            var count = Math.Min(random.Next(1, longest + 1), Blocks - block);
            if (random.Next(3) == 0)
                block = block / 32768 * 32768;
            var location =
                random.Next(3) == 0
                    ? BlockLocation.Zeroes
                    : BlockLocation.In(random.Next(1, 9), random.Next(1 << 20) * 512L);
            if (location.Source != BlockSource.Zeroes)
                count = Math.Min(count, 2000);
            index.Set(block, count, location);
            for (var i = 0; i < count; i++)
                model[block + i] = location.Plus(i).Packed;
        }
        for (long block = 0; block < Blocks; )
        {
            var run = index.Find(block, random.Next(1, 3000));
            for (var i = 0; i < run.Blocks && block + i < Blocks; i++)
                Assert.Equal(model[block + i], run.Location.Plus(i).Packed);
            block += run.Blocks;
        }
    }

    [Fact]
    public void Its_memory_is_what_its_documentation_says()
    {
        const long DiskBlocks = (64L << 30) / 512;
        var dense = new BlockIndex(DiskBlocks);
        var empty = dense.MemoryBytes;
        for (var page = 0; page < (1 << 30) / 4096; page++)
            dense.Set(page * 8L, 8, BlockLocation.In(1, page * 4096L));
        Assert.InRange(dense.MemoryBytes - empty, 1 << 20, (long)(2.2 * (1 << 20)));

        var sparse = new BlockIndex(DiskBlocks);
        for (long page = 0; page < (1 << 30) / 4096; page++)
            sparse.Set(page * 128, 8, BlockLocation.In(1, page * 4096));
        Assert.InRange(sparse.MemoryBytes - empty, 1 << 20, 38L << 20);

        var discarded = new BlockIndex(DiskBlocks);
        discarded.Set(8, DiskBlocks - 8, BlockLocation.Zeroes);
        Assert.InRange(discarded.MemoryBytes - empty, 0, 256 << 10);
    }
}
