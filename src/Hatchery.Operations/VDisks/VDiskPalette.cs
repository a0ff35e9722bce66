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
                    .WithImage()
                    .WithArgument(Sector)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("create")
                    .WithDescription("Makes an empty vDisk, which takes no room until something is written")
                    .WithArgument(a => a.WithName("name").WithDescription("its name, as a DNS label").IsMandatory(true))
                    .WithArgument(a =>
                        a.WithName("size")
                            .WithDescription("its length: 40G, 1.5T")
                            .WithSwitch("--size")
                            .IsMandatory(true)
                    )
                    .WithArgument(Sector)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("capture")
                    .WithDescription(
                        "Makes a vDisk of a machine's own disk, which the machine sends at its next boot from the network; says how far it is"
                    )
                    .WithArgument(a => a.WithName("name").WithDescription("its name, as a DNS label").IsMandatory(true))
                    .WithArgument(a =>
                        a.WithName("device").WithDescription("the machine").WithSwitch("--device").IsMandatory(true)
                    )
                    .WithArgument(a =>
                        a.WithName("disk")
                            .WithDescription("as its kernel names it: /dev/sda; its largest unless given")
                            .WithSwitch("--disk")
                    )
                    .WithKernel()
                    .WithArgument(a =>
                        a.WithName("then")
                            .WithDescription("what the machine does when it is done; off unless given")
                            .WithSwitch("--then")
                            .WithDefaultValues(VDiskCapture.Off, VDiskCapture.Restart)
                    )
                    .WithArgument(a =>
                        a.WithName("cancel")
                            .WithDescription("ends it; nothing of it is left")
                            .WithSwitch("--cancel")
                            .WithDefaultValues("true")
                    )
                    .WithArgument(a =>
                        a.WithName("no-wait")
                            .WithDescription("orders it, and says no more")
                            .WithSwitch("--no-wait")
                            .WithDefaultValues("true")
                    )
                    .WithArgument(By)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("clone")
                    .WithDescription(
                        "Makes another vDisk of one's version, at once: both share its bytes, which stay as long as one of them is there"
                    )
                    .WithArgument(VDisk)
                    .WithArgument(a => a.WithName("name").WithDescription("of the new one").IsMandatory(true))
                    .WithArgument(a => Version(a, "which one; that in production unless given"))
                    .WithArgument(By)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("resize")
                    .WithDescription(
                        "Makes a version in maintenance whose disk is longer, on top of the one in production; it takes no room. A disk is never made shorter"
                    )
                    .WithArgument(VDisk)
                    .WithArgument(a =>
                        a.WithName("size").WithDescription("its new length: 60G").WithSwitch("--size").IsMandatory(true)
                    )
                    .WithArgument(By)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("rename")
                    .WithDescription("Gives a vDisk another name; machines and collections that boot it go on")
                    .WithArgument(VDisk)
                    .WithArgument(a => a.WithName("name").WithDescription("the new one").IsMandatory(true))
                    .WithArgument(By)
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
                    .WithArgument(a => Version(a, "which one; that in production unless given"))
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
                    .WithName("check")
                    .WithDescription(
                        "Compares a vDisk, and the write caches on it, with their checksums at every server; fails when damage is left"
                    )
                    .WithArgument(VDisk)
                    .WithArgument(a => Version(a, "that one, and what it lies on; all unless given"))
                    .WithArgument(a => a.WithName("server").WithDescription("there alone").WithSwitch("--server"))
                    .WithArgument(a =>
                        a.WithName("repair")
                            .WithDescription(
                                "fetches what is damaged from servers that have it whole, and says what cannot be had"
                            )
                            .WithSwitch("--repair")
                            .WithDefaultValues("true")
                    )
                    .WithOutput()
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
                    .WithName("version")
                    .WithDescription(
                        "Versions of a vDisk. create: one in maintenance, of an image (--file), for a maintenance device to write on top of the newest, or of a device's private"
                            + " image (--from-private); close: what was written becomes a layer; promote: closes it, to test, then to production, now or --at a time, when"
                            + " every server holds it, or to a share of the machines first (--canary); canary: how these fare, promote then ends it for all;"
                            + " revert: takes back what is scheduled or tried, else puts the version before into production again;"
                            + " override: has a --collection boot one --version; merge: layers into one (--update) or everything into a whole image (--base);"
                            + " delete: one that nobody uses, or what is written or made and not there yet"
                    )
                    .WithArgument(a =>
                        a.WithName("action")
                            .WithDescription("what to do")
                            .IsMandatory(true)
                            .WithDefaultValues(VDiskVersions.Actions)
                    )
                    .WithArgument(VDisk)
                    .WithArgument(a =>
                        Version(
                            a,
                            "which one; promote takes the newest that can be promoted unless given; create and merge: on top of which, up to which; the newest unless given"
                        )
                    )
                    .WithArgument(a =>
                        a.WithName("to")
                            .WithDescription(
                                "promote: from maintenance to test, from test to production unless given; merge: what it becomes, as what it is made of unless given"
                            )
                            .WithSwitch("--to")
                            .WithDefaultValues(VDiskVersions.Maintenance, "test", VDiskVersions.Production)
                    )
                    .WithArgument(a =>
                        a.WithName("at")
                            .WithDescription("promote: into production from then on, e.g. 2026-12-24T03:00 (UTC)")
                            .WithSwitch("--at")
                    )
                    .WithArgument(a =>
                        a.WithName("collection")
                            .WithDescription("override, promote --canary: whose devices")
                            .WithSwitch("--collection")
                    )
                    .WithCanary()
                    .WithArgument(a =>
                        a.WithName("none")
                            .WithDescription("override: they boot what is in production again")
                            .WithSwitch("--none")
                            .WithDefaultValues("true")
                    )
                    .WithMaking()
                    .WithArgument(a =>
                        a.WithName("file")
                            .WithDescription("create: absolute path of the image on the server")
                            .WithSwitch("--file")
                    )
                    .WithImage()
                    .WithArgument(a => a.WithName("note").WithDescription("create: for people").WithSwitch("--note"))
                    .WithArgument(By)
                    .WithOutput()
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("unlock")
                    .WithDescription(
                        "Breaks the lock of a private image whose device is gone for good; it ends by itself when the device is known to be off"
                    )
                    .WithArgument(VDisk)
                    .WithArgument(By)
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("remove")
                    .WithDescription(
                        "Forgets a vDisk that nobody uses, and deletes its versions at every server; who uses it is said"
                    )
                    .WithArgument(VDisk)
                    .Build(),
            ]
        );

    private static CommandDefinitionBuilder WithMaking(this CommandDefinitionBuilder command) =>
        command
            .WithArgument(a =>
                a.WithName("from-private")
                    .WithDescription("create: of what this device wrote, whose private image the vDisk is")
                    .WithSwitch("--from-private")
            )
            .WithArgument(a =>
                a.WithName("force")
                    .WithDescription("close: also while its device runs, whose session ends")
                    .WithSwitch("--force")
                    .WithDefaultValues("true")
            )
            .WithArgument(a =>
                a.WithName("base")
                    .WithDescription("merge: everything, to a whole image")
                    .WithSwitch("--base")
                    .WithDefaultValues("true")
            )
            .WithArgument(a =>
                a.WithName("update")
                    .WithDescription("merge: all layers on the whole image, to one layer on it")
                    .WithSwitch("--update")
                    .WithDefaultValues("true")
            )
            .WithArgument(a =>
                a.WithName("above")
                    .WithDescription(
                        "merge: from now on by itself when more layers than so many are in production; 0: never; default: as the servers are configured"
                    )
                    .WithSwitch("--above")
            );

    private static CommandDefinitionBuilder WithImage(this CommandDefinitionBuilder command) =>
        command
            .WithArgument(a =>
                a.WithName("format")
                    .WithDescription("vhd, or what qemu-img calls it; found out from the file unless given")
                    .WithSwitch("--format")
                    .WithDefaultValues("raw", "qcow2", "vhd", "vhdx", "vmdk", "vdi")
            )
            .WithKernel();

    private static CommandDefinitionBuilder WithKernel(this CommandDefinitionBuilder command) =>
        command
            .WithArgument(a =>
                a.WithName("kernel")
                    .WithDescription("its Linux kernel, for devices that boot by iscsi or nbd")
                    .WithSwitch("--kernel")
            )
            .WithArgument(a =>
                a.WithName("initrd").WithDescription("the initramfs of that kernel").WithSwitch("--initrd")
            )
            .WithArgument(a =>
                a.WithName("arguments").WithDescription("added to the kernel's command line").WithSwitch("--arguments")
            );

    private static ArgumentDefinitionBuilder Sector(ArgumentDefinitionBuilder a) =>
        a.WithName("sector")
            .WithDescription("bytes of a sector; firmware boots from 4096 by UEFI only")
            .WithSwitch("--sector")
            .WithDefaultValues("512", "4096");

    private static ArgumentDefinitionBuilder By(ArgumentDefinitionBuilder a) =>
        a.WithName("by").WithDescription("who does it, for people").WithSwitch("--by");

    private static ArgumentDefinitionBuilder Version(ArgumentDefinitionBuilder a, string description) =>
        a.WithName("version").WithDescription(description).WithSwitch("--version");

    private static ArgumentDefinitionBuilder VDisk(ArgumentDefinitionBuilder a) =>
        a.WithName("vdisk").WithDescription("name or id of the vDisk").IsMandatory(true);
}
