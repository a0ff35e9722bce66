namespace Pbm.Tests;

public sealed class InvocationTests
{
    private static Invocation Parse(params string[] args)
    {
        Assert.True(Invocation.TryParse(args, out var invocation, out _));
        return invocation;
    }

    [Fact]
    public void Nothing_means_a_shell_at_the_default_address()
    {
        var invocation = Parse();
        Assert.Equal("127.0.0.1:9110", invocation.Address);
        Assert.Empty(invocation.Words);
    }

    [Fact]
    public void First_word_with_a_colon_is_an_address()
    {
        var invocation = Parse("10.77.0.1:9111", "device", "list");
        Assert.Equal("10.77.0.1:9111", invocation.Address);
        Assert.Equal(["device", "list"], invocation.Words);
    }

    [Fact]
    public void Later_words_may_have_colons() =>
        Assert.Equal(
            ["device", "add", "pc07", "52:54:00:77:00:10"],
            Parse("device", "add", "pc07", "52:54:00:77:00:10").Words
        );

    [Theory]
    [InlineData(":9110")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:99999")]
    [InlineData("52:54:00:77:00:10")]
    public void Wrong_address_is_an_error_that_shows_a_right_one(string address)
    {
        Assert.False(Invocation.TryParse([address], out _, out var error));
        Assert.Contains("127.0.0.1:9110", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("help")]
    [InlineData("--help")]
    public void Help_is_asked_for_by_word_or_switch(string word) => Assert.True(Parse(word).WantsHelp);
}
