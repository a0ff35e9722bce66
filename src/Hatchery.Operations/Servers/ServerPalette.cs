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
                    .WithName("list")
                    .WithDescription("Lists the servers of the farm: where they are, what they serve, who takes boots")
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("show")
                    .WithDescription(
                        "Shows a server; of this one also what is open of each service, how much may be, and what was turned away"
                    )
                    .WithArgument(a => a.WithName("server").WithDescription("its name; without it, this server"))
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("drain")
                    .WithDescription(
                        "Gives a server no new boots, moves what runs there, and copies of write caches, to other servers, and says how far that is until it is empty. Ctrl+C ends the report and not the drain: given again it goes on, server resume takes it back"
                    )
                    .WithArgument(a =>
                        a.WithName("server").WithDescription("its name: see server list").IsMandatory(true)
                    )
                    .WithArgument(a =>
                        a.WithName("no-wait")
                            .WithDescription("says once what is still to go; server show says it later")
                            .WithSwitch("--no-wait")
                            .WithDefaultValues("true")
                    )
                    .Build(),
                Plain("resume", "Lets a server that was drained take boots again"),
                new CommandDefinitionBuilder()
                    .WithName("rebalance")
                    .WithDescription(
                        "Has as many devices as it takes go to less loaded servers, or servers of their own site: while they run where write caches are mirrored, else at their next boot"
                    )
                    .WithArgument(a =>
                        a.WithName("dry-run")
                            .WithDescription("says which, and changes nothing")
                            .WithSwitch("--dry-run")
                            .WithDefaultValues("true")
                    )
                    .WithArgument(a =>
                        a.WithName("rate")
                            .WithDescription("devices a second, 1 to 100")
                            .WithSwitch("--rate")
                            .WithDefaultValue("10")
                    )
                    .WithOutput()
                    .Build(),
            ]
        );

    private static CommandDefinition Plain(string name, string description) =>
        new CommandDefinitionBuilder()
            .WithName(name)
            .WithDescription(description)
            .WithArgument(a => a.WithName("server").WithDescription("its name: see server list").IsMandatory(true))
            .Build();
}
