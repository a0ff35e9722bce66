using Petabridge.Cmd.Protocol;

namespace Petabridge.Cmd.Tests;

public sealed class ParsingTests(ParsingTests.Node node) : IClassFixture<ParsingTests.Node>
{
    [Theory]
    [InlineData("one", "first=one rest= count=1 tag= loud=")]
    [InlineData("one two three", "first=one rest=two|three count=1 tag= loud=")]
    [InlineData("one -c 2", "first=one rest= count=2 tag= loud=")]
    [InlineData("--count 3 one two", "first=one rest=two count=3 tag= loud=")]
    [InlineData("one --count=4=5", "first=one rest= count=4=5 tag= loud=")]
    [InlineData("one --count=", "first=one rest= count= tag= loud=")]
    [InlineData("one --tag a --tag=b", "first=one rest= count=1 tag=a|b loud=")]
    [InlineData("--loud one", "first=one rest= count=1 tag= loud=true")]
    [InlineData("- -c -1", "first=- rest= count=-1 tag= loud=")]
    public async Task Words_become_arguments(string words, string said) =>
        Assert.Equal((AnswerPart.Done, said), await RunAsync($"sample echo {words}"));

    [Theory]
    [InlineData("sample echo", "echo needs first: one word")]
    [InlineData("sample needs", "needs needs key: the key")]
    [InlineData("sample needs it", "needs does not take 'it'")]
    [InlineData("sample echo one --what", "echo has no switch '--what'")]
    [InlineData("sample echo one -c=2", "echo has no switch '-c=2'")]
    [InlineData("sample echo one -c 1 --count 2", "--count is given twice")]
    [InlineData("sample echo one --loud=false", "--loud takes no value")]
    [InlineData("sample echo one --count", "--count needs a value")]
    [InlineData("sample", "sample needs a command: echo, stream")]
    [InlineData("sample sing", "sample has no command 'sing': echo, stream")]
    [InlineData("nothing", "no palette 'nothing': actor, sample")]
    public async Task Words_that_make_no_command_are_explained(string words, string begins)
    {
        var (outcome, text) = await RunAsync(words);
        Assert.Equal(AnswerPart.Usage, outcome);
        Assert.StartsWith(begins, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_words_are_no_command()
    {
        using var client = await HostClient.ConnectAsync(node.Port);
        Assert.Equal((AnswerPart.Usage, "no palette '': actor, sample"), await client.RunAsync());
    }

    private async Task<(string, string)> RunAsync(string words)
    {
        using var client = await HostClient.ConnectAsync(node.Port);
        return await client.RunAsync(words.Split(' '));
    }

    public sealed class Node : IAsyncLifetime
    {
        private HostedNode _node = null!;

        public int Port => _node.Port;

        public async Task InitializeAsync() => _node = await HostedNode.StartAsync(new SamplePalette());

        public async Task DisposeAsync() => await _node.DisposeAsync();
    }
}
