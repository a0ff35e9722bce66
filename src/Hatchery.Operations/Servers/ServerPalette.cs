using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `pbm server`.</summary>
internal static class ServerPalette
{
    public static CommandPalette Palette { get; } =
        new(
            "server",
            [
                new CommandDefinitionBuilder()
                    .WithName("show")
                    .WithDescription(
                        "Shows this server: what is open of each service, how much may be, and what was turned away"
                    )
                    .WithOutput()
                    .Build(),
            ]
        );
}
