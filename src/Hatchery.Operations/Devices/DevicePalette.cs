using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `pbm device`.</summary>
internal static class DevicePalette
{
    public static CommandPalette Palette { get; } =
        new(
            "device",
            [
                new CommandDefinitionBuilder()
                    .WithName("add")
                    .WithDescription("Makes a machine known to the farm; again with the same words changes nothing")
                    .WithArgument(a => a.WithName("name").WithDescription("its name, as a DNS label").IsMandatory(true))
                    .WithArgument(a =>
                        a.WithName("mac")
                            .WithDescription("MAC address of each network card that boots")
                            .IsMandatory(true)
                            .AllowMultiple(true)
                    )
                    .WithArgument(a => a.WithName("uuid").WithDescription("SMBIOS UUID").WithSwitch("--uuid"))
                    .WithArgument(a => Collection(a, "the collection that it is in; the default one unless given"))
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("list")
                    .WithDescription("Lists every device")
                    .WithArgument(a => Collection(a, "those of one collection only"))
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("show")
                    .WithDescription(
                        "Shows one device: state, settings and where they are from, current boot and its timeline"
                    )
                    .WithArgument(Device)
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("assign")
                    .WithDescription("Has a device boot from a vDisk, from its next boot on")
                    .WithArgument(Device)
                    .WithArgument(a => a.WithName("vdisk").WithDescription("name or id of the vDisk").IsMandatory(true))
                    .WithTransport(otherwise: "san")
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("unassign")
                    .WithDescription(
                        "Takes the device's own vDisk away, from the next boot on: it boots what its collection boots"
                    )
                    .WithArgument(Device)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("set")
                    .WithDescription("Moves a device to another collection, or sets what it has of its own")
                    .WithArgument(Device)
                    .WithArgument(a => Collection(a, "the collection that it is in from now on"))
                    .WithMachineSettings()
                    .Build(),
                new CommandDefinitionBuilder().WithPersonality("device").Build(),
                new CommandDefinitionBuilder()
                    .WithName("secret")
                    .WithDescription(
                        "Secrets of a device, such as for joining a domain: its machine reads them once in a boot, and no command shows them"
                    )
                    .WithArgument(a =>
                        a.WithName("action")
                            .WithDescription(string.Join(", ", SecretCommands.Actions))
                            .WithDefaultValues(SecretCommands.Actions)
                            .IsMandatory(true)
                    )
                    .WithArgument(Device)
                    .WithArgument(a =>
                        a.WithName("names").WithDescription("set: a name; delete: names").AllowMultiple(true)
                    )
                    .WithArgument(a =>
                        a.WithName("stdin")
                            .WithDescription(
                                "set: the secret is what is piped into pbm, without a line's end behind it"
                            )
                            .WithSwitch("--stdin")
                    )
                    .WithArgument(a =>
                        a.WithName("file").WithDescription("set: a file on the server, all of it").WithSwitch("--file")
                    )
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("move")
                    .WithDescription(
                        "Has a device go to a server: while it runs where write caches are mirrored, else at its next boot"
                    )
                    .WithArgument(Device)
                    .WithArgument(a =>
                        a.WithName("server").WithDescription("its name: see server list").IsMandatory(true)
                    )
                    .WithArgument(a =>
                        a.WithName("dry-run")
                            .WithDescription("says how it would go, and changes nothing")
                            .WithSwitch("--dry-run")
                            .WithDefaultValues("true")
                    )
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("remove")
                    .WithDescription("Forgets a device")
                    .WithArgument(Device)
                    .WithArgument(a =>
                        a.WithName("force")
                            .WithDescription("even while it has its disk")
                            .WithSwitch("--force")
                            .WithDefaultValues("true")
                    )
                    .Build(),
            ]
        );

    private static ArgumentDefinitionBuilder Collection(ArgumentDefinitionBuilder a, string description) =>
        a.WithName("collection").WithDescription(description).WithSwitch("--collection");

    private static ArgumentDefinitionBuilder Device(ArgumentDefinitionBuilder a) =>
        a.WithName("device").WithDescription("name or id of the device").IsMandatory(true);
}
