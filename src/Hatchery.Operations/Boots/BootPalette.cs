using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `pbm boot`.</summary>
internal static class BootPalette
{
    public static CommandPalette Palette { get; } =
        new(
            "boot",
            [
                new CommandDefinitionBuilder()
                    .WithName("watch")
                    .WithDescription(
                        "Shows each step of boots at this server as it happens, and where one stalls; Ctrl+C ends it"
                    )
                    .WithArgument(a => a.WithName("device").WithDescription("name or id of one device; otherwise all"))
                    .WithArgument(a =>
                        a.WithName("collection")
                            .WithDescription("only the devices of this collection")
                            .WithSwitch("--collection")
                    )
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("leases")
                    .WithDescription(
                        "Lists the addresses that machines have or had, and those that are set aside with the reason"
                    )
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("stats")
                    .WithDescription("What this server's boot services have counted since it started")
                    .WithOutput()
                    .Build(),
            ]
        );
}
