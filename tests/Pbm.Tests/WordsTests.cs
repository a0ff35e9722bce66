namespace Pbm.Tests;

public sealed class WordsTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("  device   list ", new[] { "device", "list" })]
    [InlineData("device show 'pc 07'", new[] { "device", "show", "pc 07" })]
    [InlineData("a \"b c\"d 'e\"f'", new[] { "a", "b cd", "e\"f" })]
    [InlineData("a\\ b ''", new[] { "a b", "" })]
    public void Line_is_split_as_a_shell_does(string line, string[] words) => Assert.Equal(words, Words.Split(line));

    [Theory]
    [InlineData("'")]
    [InlineData("a \"b")]
    public void Open_quote_is_no_line(string line) => Assert.Null(Words.Split(line));
}
