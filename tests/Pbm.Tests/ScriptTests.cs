using Hatchery.Testing;
using Petabridge.Cmd.Tests;

namespace Pbm.Tests;

/// <summary>Exit codes and streams, as scripts use them.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class ScriptTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly SamplePalette _palette = new();
    private HostedNode _node = null!;
    private HostConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _node = await HostedNode.StartAsync(_palette);
        _connection = await HostConnection.OpenAsync("127.0.0.1", _node.Port);
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("sample stream 2", ExitCode.Done, "line 1\nline 2\n", "")]
    [InlineData("sample refuse", ExitCode.Failed, "", "not today\n")]
    [InlineData("sample throw", ExitCode.Failed, "", "sample throw failed: out of order\n")]
    [InlineData("sample needs", ExitCode.Usage, "", "needs needs key: the key\n")]
    [InlineData("nothing", ExitCode.Usage, "", "no palette 'nothing': actor, sample\n")]
    public async Task One_command_ends_with_its_exit_code(string words, int code, string output, string errors)
    {
        using var console = new ConsoleScript();
        Assert.Equal(code, await OneShot.RunAsync(_connection, words.Split(' '), Console.Out));
        Assert.Equal((output, errors), (console.Output, console.Errors));
    }

    [Fact]
    public async Task Help_is_told_from_the_palettes_without_the_host()
    {
        await _node.DisposeAsync();
        using var console = new ConsoleScript();
        Assert.Equal(ExitCode.Done, await OneShot.RunAsync(_connection, ["sample", "echo", "--help"], Console.Out));
        Assert.Equal(ExitCode.Usage, await OneShot.RunAsync(_connection, ["nosuch", "help"], Console.Out));
        Assert.StartsWith(
            "sample echo FIRST [REST]... [--count COUNT] [--tag TAG]... [--loud]\n    Says what it was given\n",
            console.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("-c, --count", console.Output, StringComparison.Ordinal);
        Assert.Contains("how often (1 | 2) [1]", console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_host_is_not_connected()
    {
        using var console = new ConsoleScript();
        var running = OneShot.RunAsync(_connection, ["sample", "hang"], Console.Out);
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 1);
        await _node.DisposeAsync();
        Assert.Equal(ExitCode.NotConnected, await running);
        Assert.StartsWith("connection to host terminated", console.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shell_runs_a_line_after_the_other_and_ends_with_the_last_ones_code()
    {
        var (code, output, errors) = await ShellAsync("sample echo 'a b' c", "", "sample refuse");
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("first=a b rest=c count=1 tag= loud=\n", output, StringComparison.Ordinal);
        Assert.Equal("not today\n", errors);
    }

    [Fact]
    public async Task Shell_ends_at_exit()
    {
        var (code, output, errors) = await ShellAsync("sample refuse", "sample echo x", "exit", "sample refuse");
        Assert.Equal((ExitCode.Done, "not today\n"), (code, errors));
        Assert.StartsWith("successfully connected to [here]\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shell_tells_of_a_quote_that_is_not_closed()
    {
        var (code, _, errors) = await ShellAsync("sample echo 'x");
        Assert.Equal((ExitCode.Usage, "a quote is not closed\n"), (code, errors));
    }

    [Fact]
    public async Task Shell_helps()
    {
        var (code, output, _) = await ShellAsync("help", "help sample refuse");
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("actor hierarchy", output, StringComparison.Ordinal);
        Assert.Contains("does refuse", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shell_keeps_an_answer_in_a_file()
    {
        var (code, output, _) = await ShellAsync($"sample stream 2 > '{_folder["answer"]}'");
        Assert.Equal(ExitCode.Done, code);
        Assert.Equal("line 1\nline 2\n", await File.ReadAllTextAsync(_folder["answer"]));
        Assert.DoesNotContain("line 1", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere/at/all")]
    [InlineData("/dev/full")]
    public async Task Shell_goes_on_after_a_file_that_cannot_be_written(string file)
    {
        var (code, output, errors) = await ShellAsync($"sample echo x > {file}", "sample echo after");
        Assert.Equal(ExitCode.Done, code);
        Assert.NotEmpty(errors);
        Assert.Contains("first=after", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shell_ends_with_its_host()
    {
        using var console = new ConsoleScript("sample hang", "sample echo x");
        var running = new PbmShell(_connection, "here").RunAsync();
        await Eventually.TrueAsync(() => _palette.Hanging.Count == 1);
        await _node.DisposeAsync();
        Assert.Equal(ExitCode.NotConnected, await running);
        Assert.Single(_palette.Hanging);
    }

    private async Task<(int Code, string Output, string Errors)> ShellAsync(params string[] lines)
    {
        using var console = new ConsoleScript(lines);
        var code = await new PbmShell(_connection, "here").RunAsync();
        return (code, console.Output, console.Errors);
    }
}
