using Hatchery.Testing;
using Hatchery.Wire.Scsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Scsi;

public sealed class UnmapListTests(ITestOutputHelper output)
{
    private static readonly UnmapRange[] s_ranges = [new(1, 2), new(0x1_0000_0000, 0xffff_ffff)];

    [Fact]
    public void Ranges_survive_a_round_trip()
    {
        Assert.True(UnmapList.TryRead(UnmapList.ToBytes(s_ranges), out var read));
        Assert.Equal(s_ranges, read);
    }

    [Fact]
    public void A_length_beyond_the_list_is_refused() =>
        Assert.False(UnmapList.TryRead(UnmapList.ToBytes(s_ranges).AsSpan(0, 39), out _));

    [Fact]
    public void More_than_256_ranges_are_refused() =>
        Assert.False(UnmapList.TryRead(UnmapList.ToBytes(new UnmapRange[257]), out _));

    [Fact]
    public void Mutated_lists_are_answered_without_an_exception()
    {
        var random = Seed.New(output);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = UnmapList.ToBytes(s_ranges);
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            UnmapList.TryRead(bytes.AsSpan(0, random.Next(bytes.Length + 1)), out _);
        }
    }
}
