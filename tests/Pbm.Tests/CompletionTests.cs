using Petabridge.Cmd.Protocol;

namespace Pbm.Tests;

public sealed class CompletionTests
{
    private static readonly PaletteShape[] s_palettes =
    [
        new(
            "device",
            [
                new(
                    "list",
                    "Lists",
                    [new("output", "format", false, false, false, ["-o", "--output"], ["table", "json"], "table")]
                ),
                new("show", "Shows", [new("device", "its name", true, false, false, [], [], null)]),
            ]
        ),
        new("disk", []),
    ];

    [Theory]
    [InlineData("d", new[] { "device", "disk" })]
    [InlineData("device ", new[] { "list", "show" })]
    [InlineData("device l", new[] { "list" })]
    [InlineData("device list --", new[] { "--output" })]
    [InlineData("device list -o ", new[] { "json", "table" })]
    [InlineData("nothing here ", new string[0])]
    public void Line_is_completed_from_the_palettes(string line, string[] expected) =>
        Assert.Equal(expected, Completion.Of(s_palettes, line));

    [Fact]
    public void Help_shows_every_command_and_of_one_its_arguments()
    {
        var all = Help.For(s_palettes, []);
        Assert.Contains("device list", all, StringComparison.Ordinal);
        Assert.Contains("device show DEVICE", all, StringComparison.Ordinal);
        var one = Help.For(s_palettes, ["device", "list"]);
        Assert.Contains("-o, --output", one, StringComparison.Ordinal);
        Assert.Contains("(table | json) [table]", one, StringComparison.Ordinal);
        Assert.DoesNotContain("device show", one, StringComparison.Ordinal);
    }
}
