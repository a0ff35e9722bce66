using Petabridge.Cmd.Protocol;

namespace Pbm.Tests;

public sealed class SignatureTests
{
    private static readonly PaletteShape[] s_palettes =
    [
        new(
            "device",
            [Command("add", Argument("name"), Argument("by", "--by")), Command("list", Argument("output", "-o"))]
        ),
        new("farm", [Command("history", Argument("who", "--by"))]),
    ];

    [Theory]
    [InlineData("device add pc07", true)]
    [InlineData("device add pc07 --by ann", false)]
    [InlineData("device add pc07 --by=ann", false)]
    [InlineData("device list", false)]
    [InlineData("farm history", false)]
    [InlineData("farm nosuch", false)]
    [InlineData("nosuch add", false)]
    [InlineData("device", false)]
    public void Command_that_asks_who_gives_it_is_told_unless_the_operator_says(string words, bool isSigned)
    {
        var typed = words.Split(' ');
        Assert.Equal(
            isSigned ? [.. typed, $"--by={Environment.UserName}@{Environment.MachineName}"] : typed,
            Signature.Under(typed, s_palettes)
        );
    }

    private static CommandShape Command(string name, params ArgumentShape[] arguments) => new(name, "", arguments);

    private static ArgumentShape Argument(string name, params string[] switches) =>
        new(name, "", false, false, false, switches, [], null);
}
