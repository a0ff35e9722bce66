using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `pbm store`.</summary>
internal static class StorePalette
{
    public static CommandPalette Palette { get; } =
        new(
            "store",
            [
                new CommandDefinitionBuilder()
                    .WithName("show")
                    .WithDescription("Shows this server's store: space, bounds, and every write cache in it")
                    .WithOutput()
                    .Build(),
            ]
        );
}
