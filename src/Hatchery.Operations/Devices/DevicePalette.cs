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
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("list")
                    .WithDescription("Lists every device")
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("show")
                    .WithDescription("Shows one device: state, vDisk, current boot and its timeline")
                    .WithArgument(Device)
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("assign")
                    .WithDescription("Has a device boot from a vDisk, from its next boot on")
                    .WithArgument(Device)
                    .WithArgument(a => a.WithName("vdisk").WithDescription("name or id of the vDisk").IsMandatory(true))
                    .WithArgument(a =>
                        a.WithName("transport")
                            .WithDescription("san: the firmware attaches the disk; iscsi, nbd: the vDisk's kernel does")
                            .WithSwitch("-t")
                            .WithSwitch("--transport")
                            .WithDefaultValues("san", "iscsi", "nbd")
                            .WithDefaultValue("san")
                    )
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("unassign")
                    .WithDescription("Takes the vDisk away, from the next boot on")
                    .WithArgument(Device)
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

    private static ArgumentDefinitionBuilder Device(ArgumentDefinitionBuilder a) =>
        a.WithName("device").WithDescription("name or id of the device").IsMandatory(true);
}
