using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `pbm collection`.</summary>
internal static class CollectionPalette
{
    public static CommandPalette Palette { get; } =
        new(
            "collection",
            [
                new CommandDefinitionBuilder()
                    .WithName("create")
                    .WithDescription("Makes a collection: machines that have something in common")
                    .WithArgument(a => a.WithName("name").WithDescription("its name, as a DNS label").IsMandatory(true))
                    .WithSettings()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("list")
                    .WithDescription("Lists every collection")
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("show")
                    .WithDescription("Shows one collection: what its devices have from it, and who they are")
                    .WithArgument(Collection)
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("set")
                    .WithDescription(
                        "Changes a collection; its devices have it from their next boot or lease on, a write cache limit at once"
                    )
                    .WithArgument(Collection)
                    .WithArgument(a => a.WithName("name").WithDescription("its new name").WithSwitch("--name"))
                    .WithSettings()
                    .WithArgument(a =>
                        a.WithName("no-vdisk")
                            .WithDescription("devices have no vDisk from it")
                            .WithSwitch("--no-vdisk")
                            .WithDefaultValues("true")
                    )
                    .Build(),
                new CommandDefinitionBuilder().WithPersonality("collection").Build(),
                new CommandDefinitionBuilder()
                    .WithName("delete")
                    .WithDescription(
                        "Forgets a collection; refused while a device is in it, or a rule adds machines to it"
                    )
                    .WithArgument(Collection)
                    .Build(),
            ]
        );

    private static CommandDefinitionBuilder WithSettings(this CommandDefinitionBuilder command) =>
        command
            .WithArgument(a =>
                a.WithName("site").WithDescription("the site where its machines stand").WithSwitch("--site")
            )
            .WithArgument(a =>
                a.WithName("vdisk")
                    .WithDescription("what devices boot that have no vDisk of their own")
                    .WithSwitch("--vdisk")
            )
            .WithTransport(otherwise: null)
            .WithMachineSettings()
            .WithArgument(a =>
                a.WithName("name-template")
                    .WithDescription(
                        "how machines are named that a rule adds: {collection}, {mac} and {n} are filled in;"
                            + $" {DeviceNaming.Default} unless told"
                    )
                    .WithSwitch("--name-template")
            )
            .WithArgument(a =>
                a.WithName("devices-max")
                    .WithDescription(
                        $"with so many devices in it, rules add no more; {Hatchery.Devices.Collection.DevicesMaxDefault} unless told"
                    )
                    .WithSwitch("--devices-max")
            )
            .WithArgument(a =>
                a.WithName("when-unreachable")
                    .WithDescription(
                        "what a running device does while no server can be reached that has its write cache: wait, which it does"
                            + " unless told, or reboot, which its logins are refused for after half a minute"
                    )
                    .WithSwitch("--when-unreachable")
            );

    private static ArgumentDefinitionBuilder Collection(ArgumentDefinitionBuilder a) =>
        a.WithName("collection").WithDescription("name or id of the collection").IsMandatory(true);
}
