using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `pbm drill`.</summary>
internal static class DrillPalette
{
    public static CommandPalette Palette { get; } =
        new(
            "drill",
            [
                new CommandDefinitionBuilder()
                    .WithName("kill-session")
                    .WithDescription(
                        "Cuts a running device off its disk: its connections end without a word, and it has to come back by itself, here or elsewhere"
                    )
                    .WithArgument(a => a.WithName("device").WithDescription("its name").IsMandatory(true))
                    .WithArgument(DryRun)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("drain")
                    .WithDescription(
                        "Drains a server until it serves nobody, and then lets it take devices again; says how long that took"
                    )
                    .WithArgument(a =>
                        a.WithName("server").WithDescription("its name: see server list").IsMandatory(true)
                    )
                    .WithArgument(a =>
                        a.WithName("limit")
                            .WithDescription("seconds after which it takes devices again, empty or not, 1 to 3600")
                            .WithSwitch("--limit")
                            .WithDefaultValue("120")
                    )
                    .WithArgument(DryRun)
                    .Build(),
            ]
        );

    private static ArgumentDefinitionBuilder DryRun(ArgumentDefinitionBuilder a) =>
        a.WithName("dry-run")
            .WithDescription("says what it would come to, and changes nothing")
            .WithSwitch("--dry-run")
            .WithDefaultValues("true");
}
