using Hatchery.Wire.Dhcp;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `pbm unknown`.</summary>
internal static class UnknownPalette
{
    public static CommandPalette Palette { get; } =
        new(
            "unknown",
            [
                new CommandDefinitionBuilder()
                    .WithName("add")
                    .WithDescription(
                        "Adds a rule for machines that the farm does not know; of all rules the first that matches decides"
                    )
                    .WithArgument(Name)
                    .WithArgument(a =>
                        a.WithName("mac")
                            .WithDescription("52:54:00:*, 52:54:0?:*, 52:54:00:00:00:00/20, or an address and a mask")
                            .WithSwitch("--mac")
                    )
                    .WithMachine("a network, e.g. 10.77.0.0/24", "the address of a relay agent, or a network of them")
                    .WithArgument(a =>
                        a.WithName("collection")
                            .WithDescription("adds such machines to this collection when they fetch their boot script")
                            .WithSwitch("--collection")
                    )
                    .WithArgument(a =>
                        a.WithName("refuse")
                            .WithDescription("refuses them; the reason is shown on their console")
                            .WithSwitch("--refuse")
                    )
                    .WithArgument(Before)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("list")
                    .WithDescription("Lists the rules in the order in which they are tried")
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("move")
                    .WithDescription("Moves a rule to the end, or before another")
                    .WithArgument(Name)
                    .WithArgument(Before)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("remove")
                    .WithDescription("Takes a rule away; devices that it added stay")
                    .WithArgument(Name)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("test")
                    .WithDescription("Says what would become of a machine, and changes nothing")
                    .WithArgument(a => a.WithName("mac").WithDescription("its MAC address").IsMandatory(true))
                    .WithMachine("its address, or a network that it lies in", "the address of its relay agent")
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("seen")
                    .WithDescription("Lists unknown machines that asked this server for a boot script since it started")
                    .WithOutput()
                    .Build(),
            ]
        );

    private static CommandDefinitionBuilder WithMachine(
        this CommandDefinitionBuilder command,
        string subnet,
        string relay
    ) =>
        command
            .WithArgument(a =>
                a.WithName("arch")
                    .WithDescription($"its firmware: {ClientArchitecture.Names} (DHCP option 93)")
                    .WithSwitch("--arch")
                    .WithDefaultValues("bios", "uefi-x64", "uefi-arm64")
            )
            .WithArgument(a => a.WithName("subnet").WithDescription(subnet).WithSwitch("--subnet"))
            .WithArgument(a => a.WithName("relay").WithDescription(relay).WithSwitch("--relay"));

    private static ArgumentDefinitionBuilder Name(ArgumentDefinitionBuilder a) =>
        a.WithName("rule").WithDescription("the rule's name, as a DNS label").IsMandatory(true);

    private static ArgumentDefinitionBuilder Before(ArgumentDefinitionBuilder a) =>
        a.WithName("before")
            .WithDescription("the rule that comes after it; the last one unless given")
            .WithSwitch("--before");
}
