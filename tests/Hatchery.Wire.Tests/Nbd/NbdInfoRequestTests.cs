using Hatchery.Testing;
using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdInfoRequestTests(ITestOutputHelper output)
{
    private static readonly NbdInfoRequest s_example = new("röot", [NbdInfoType.BlockSize, NbdInfoType.Name]);

    [Fact]
    public void Name_and_wishes_survive_a_round_trip()
    {
        Assert.True(NbdInfoRequest.TryRead(s_example.ToBytes(), out var read));
        Assert.Equal(s_example.ExportName, read.ExportName);
        Assert.Equal(s_example.Wanted, read.Wanted);
    }

    [Fact]
    public void A_name_longer_than_the_option_is_refused() =>
        Assert.False(NbdInfoRequest.TryRead([0, 0, 0, 9, (byte)'a', 0, 0], out _));

    [Fact]
    public void A_name_longer_than_4096_bytes_is_refused() =>
        Assert.False(NbdInfoRequest.TryRead(new NbdInfoRequest(new string('a', 4097), []).ToBytes(), out _));

    [Fact]
    public void Mutated_options_are_answered_without_an_exception()
    {
        var random = Seed.New(output);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = s_example.ToBytes();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (NbdInfoRequest.TryRead(bytes.AsSpan(0, random.Next(bytes.Length + 1)), out var read))
                Assert.InRange(read.Wanted.Count, 0, bytes.Length);
        }
    }
}
