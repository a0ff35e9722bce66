using Hatchery.Testing;
using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class IscsiTextTests(ITestOutputHelper output)
{
    [Fact]
    public void Pairs_survive_a_round_trip_in_their_order()
    {
        KeyValuePair<string, string>[] pairs = [new("b", "1,2"), new("a", ""), new("b", "x=y")];
        Assert.True(IscsiText.TryRead(IscsiText.ToBytes(pairs), out var read));
        Assert.Equal(pairs, read);
    }

    [Theory]
    [InlineData("novalue\0")]
    [InlineData("=value\0")]
    public void A_pair_without_a_key_or_value_is_refused(string text) =>
        Assert.False(IscsiText.TryRead(System.Text.Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void The_number_of_pairs_is_bounded() =>
        Assert.False(
            IscsiText.TryRead(
                IscsiText.ToBytes(Enumerable.Repeat(new KeyValuePair<string, string>("k", "v"), 129)),
                out _
            )
        );

    [Fact]
    public void Random_text_is_answered_without_an_exception()
    {
        var random = Seed.New(output);
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = new byte[random.Next(64)];
            for (var j = 0; j < bytes.Length; j++)
                bytes[j] = (byte)"a=\0,é"[random.Next(5)];
            IscsiText.TryRead(bytes, out _);
        }
    }
}
