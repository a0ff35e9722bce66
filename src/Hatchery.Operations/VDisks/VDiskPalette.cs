using Hatchery.Disks;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The words of `pbm vdisk`.</summary>
internal static class VDiskPalette
{
    public static CommandPalette Palette { get; } =
        new(
            "vdisk",
            [
                new CommandDefinitionBuilder()
                    .WithName("import")
                    .WithDescription(
                        "Makes a vDisk of an image file that the server can read: raw, qcow2, vhd, vhdx, vmdk, ...; given again, continues where it was interrupted"
                    )
                    .WithArgument(a => a.WithName("name").WithDescription("its name, as a DNS label").IsMandatory(true))
                    .WithArgument(a =>
                        a.WithName("file").WithDescription("absolute path on the server").IsMandatory(true)
                    )
                    .WithArgument(a =>
                        a.WithName("format")
                            .WithDescription("vhd, or what qemu-img calls it; found out from the file unless given")
                            .WithSwitch("--format")
                            .WithDefaultValues("raw", "qcow2", "vhd", "vhdx", "vmdk", "vdi")
                    )
                    .WithArgument(a =>
                        a.WithName("kernel")
                            .WithDescription("its Linux kernel, for devices that boot by iscsi or nbd")
                            .WithSwitch("--kernel")
                    )
                    .WithArgument(a =>
                        a.WithName("initrd").WithDescription("the initramfs of that kernel").WithSwitch("--initrd")
                    )
                    .WithArgument(a =>
                        a.WithName("arguments")
                            .WithDescription("added to the kernel's command line")
                            .WithSwitch("--arguments")
                    )
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("export")
                    .WithDescription(
                        "Writes a vDisk to an image file on the server, comparing its hashes with the import's; given again, continues where it was interrupted"
                    )
                    .WithArgument(VDisk)
                    .WithArgument(a =>
                        a.WithName("file").WithDescription("absolute path on the server").IsMandatory(true)
                    )
                    .WithArgument(a =>
                        a.WithName("format")
                            .WithDescription("vhd is fixed; what the file's ending says unless given, else raw")
                            .WithSwitch("--format")
                            .WithDefaultValues([.. ExportFormat.All.Select(f => f.Name)])
                    )
                    .WithArgument(a =>
                        a.WithName("force")
                            .WithDescription("replaces a file that is there")
                            .WithSwitch("--force")
                            .WithDefaultValues("true")
                    )
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("transfers")
                    .WithDescription("Lists imports and exports that are under way or were interrupted")
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("cancel")
                    .WithDescription(
                        "Ends a vDisk's imports and exports, also interrupted ones; nothing of them is left"
                    )
                    .WithArgument(a => a.WithName("vdisk").WithDescription("name of the vDisk").IsMandatory(true))
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("list")
                    .WithDescription("Lists every vDisk")
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("show")
                    .WithDescription("Shows one vDisk: its versions and who runs from it")
                    .WithArgument(VDisk)
                    .WithArgument(a =>
                        a.WithName("verify")
                            .WithDescription("reads every byte and compares the hash, as vdisk verify does")
                            .WithSwitch("--verify")
                            .WithDefaultValues("true")
                    )
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("verify")
                    .WithDescription(
                        "Reads every byte of a vDisk and compares the hashes with the import's; fails when they differ"
                    )
                    .WithArgument(VDisk)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("replicas")
                    .WithDescription("Lists which server has how much of a vDisk")
                    .WithArgument(VDisk)
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("replicate")
                    .WithDescription(
                        "Brings a vDisk to this server now, and says how far it is; without it, that happens by itself"
                    )
                    .WithArgument(VDisk)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("remove")
                    .WithDescription("Forgets a vDisk and deletes its image")
                    .WithArgument(VDisk)
                    .Build(),
            ]
        );

    private static ArgumentDefinitionBuilder VDisk(ArgumentDefinitionBuilder a) =>
        a.WithName("vdisk").WithDescription("name or id of the vDisk").IsMandatory(true);
}
