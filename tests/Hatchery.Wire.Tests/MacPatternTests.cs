using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests;

public sealed class MacPatternTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("52:54:00:12:34:56", "52:54:00:12:34:56", "52:54:00:12:34:57")]
    [InlineData("52-54-00", "52:54:00:12:34:56", "52:54:01:12:34:56")]
    [InlineData("52:54:00:*", "52:54:00:ff:ff:ff", "53:54:00:12:34:56")]
    [InlineData("52:54:0?:*", "52:54:0f:12:34:56", "52:54:10:12:34:56")]
    [InlineData("??:??:??:??:??:56", "00:54:0f:12:34:56", "52:54:10:12:34:57")]
    [InlineData("52:54:00:00:00:00/20", "52:54:0f:12:34:56", "52:54:10:12:34:56")]
    [InlineData("52:54:00:00:00:01/ff:ff:ff:00:00:01", "52:54:00:12:34:57", "52:54:00:12:34:56")]
    public void Pattern_matches_what_agrees_with_it(string pattern, string matching, string other)
    {
        var parsed = MacPattern.Parse(pattern);
        Assert.True(parsed.Matches(MacAddress.Parse(matching)));
        Assert.False(parsed.Matches(MacAddress.Parse(other)));
    }

    [Fact]
    public void Star_matches_every_address() =>
        Assert.True(MacPattern.Parse("*").Matches(new MacAddress(0x525400123456)));

    [Theory]
    [InlineData("")]
    [InlineData("5254")]
    [InlineData("52:54:00:12:34:56:78")]
    [InlineData("52:54:00:12:34:56:*")]
    [InlineData("52:*:00")]
    [InlineData("52:5")]
    [InlineData("5g:54")]
    [InlineData("52:54:00:00:00:00/49")]
    [InlineData("52:54:00/24")]
    [InlineData("52:54:00:00:00:00/ff:ff")]
    public void Anything_else_is_no_pattern(string text) => Assert.False(MacPattern.TryParse(text, null, out _));

    [Fact]
    public void What_is_written_is_read_again()
    {
        var random = Seed.New(output, 1);
        for (var round = 0; round < 5_000; round++)
        {
            var mask = (ulong)random.NextInt64(1L << 48);
            if (round % 2 == 0)
                mask = (mask | (mask << 1) | (mask << 2) | (mask << 3)) & 0x1111_1111_1111 * 15;
            var pattern = new MacPattern((ulong)random.NextInt64(1L << 48) & mask, mask);
            Assert.Equal(pattern, MacPattern.Parse(pattern.ToString()));
        }
    }
}
