using Hatchery.Boot;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Wire.Dhcp;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The arguments that set what devices and collections have alike.</summary>
internal static class SettingWords
{
    private static readonly string[] s_modes = ["standard", "differencing", "private"];

    private static readonly string[] s_access = [VDiskVersions.Production, "test", "maintenance"];

    public static CommandDefinitionBuilder WithMachineSettings(this CommandDefinitionBuilder command) =>
        command
            .WithArgument(a =>
                a.WithName("arguments")
                    .WithDescription("added to the kernel's command line behind the vDisk's; \"\": set here no more")
                    .WithSwitch("--arguments")
            )
            .WithArgument(a =>
                a.WithName("dhcp")
                    .WithDescription("a DHCP option, by name or number: ntp-servers=10.77.0.1, 43=6=u8:8, 224=hex:0a4d")
                    .WithSwitch("--dhcp")
                    .AllowMultiple(true)
            )
            .WithArgument(a =>
                a.WithName("no-dhcp")
                    .WithDescription("a DHCP option that is set here no more")
                    .WithSwitch("--no-dhcp")
                    .AllowMultiple(true)
            )
            .WithArgument(a =>
                a.WithName("write-cache-limit")
                    .WithDescription(
                        "what a write cache may hold, e.g. 8G or 512MiB; none: no limit; holds at once, also for machines that run"
                    )
                    .WithSwitch("--write-cache-limit")
            )
            .WithArgument(a =>
                a.WithName("no-write-cache-limit")
                    .WithDescription("the write cache's limit is set here no more")
                    .WithSwitch("--no-write-cache-limit")
                    .WithDefaultValues("true")
            )
            .WithArgument(a =>
                a.WithName("access")
                    .WithDescription(
                        "boots versions of its vDisk that are in test, or (a single device) in maintenance, rather than in production"
                    )
                    .WithSwitch("--access")
                    .WithDefaultValues(s_access)
            )
            .WithArgument(a =>
                a.WithName("no-access")
                    .WithDescription("which versions are booted is set here no more")
                    .WithSwitch("--no-access")
                    .WithDefaultValues("true")
            );

    public static CommandDefinitionBuilder WithTransport(this CommandDefinitionBuilder command, string? otherwise) =>
        command
            .WithArgument(a =>
            {
                a.WithName("transport")
                    .WithDescription("san: the firmware attaches the disk; iscsi, nbd: the vDisk's kernel does")
                    .WithSwitch("-t")
                    .WithSwitch("--transport")
                    .WithDefaultValues("san", "iscsi", "nbd");
                return otherwise is null ? a : a.WithDefaultValue(otherwise);
            })
            .WithArgument(a =>
                a.WithName("mode")
                    .WithDescription(
                        "standard: what a machine writes is gone at its next boot; differencing: kept (--keep); private: the vDisk is one machine's, and all is kept;"
                            + " standard unless told"
                    )
                    .WithSwitch("--mode")
                    .WithDefaultValues(s_modes)
            )
            .WithArgument(a =>
                a.WithName("keep")
                    .WithDescription(
                        "differencing: for how long, from its first boot on, e.g. 12h or 30d; without end unless told"
                    )
                    .WithSwitch("--keep")
            )
            .WithArgument(a =>
                a.WithName("old-version-until")
                    .WithDescription(
                        "differencing: until when (2026-12-24T03:00, UTC) it stays on a version that was replaced; starts clean at its next boot unless told"
                    )
                    .WithSwitch("--old-version-until")
            )
            .WithArgument(a =>
                a.WithName("cache")
                    .WithDescription(
                        "standard: where what a machine writes lies; server (unless told), or in the machine itself: ram, ram-disk (its memory, then its disk) or disk"
                    )
                    .WithSwitch("--cache")
                    .WithDefaultValues([.. CachePlaces.Names])
            )
            .WithArgument(a =>
                a.WithName("cache-ram")
                    .WithDescription(
                        "ram and ram-disk: how much of its memory, e.g. 2G; half of what is free when it boots unless told"
                    )
                    .WithSwitch("--cache-ram")
            );

    /// <param name="change">Null where nothing of it is given.</param>
    /// <param name="wrong">What is wrong with the words; null when they can be read.</param>
    public static bool TryReadSettings(
        this CommandArguments a,
        out MachineSettingsChange? change,
        out CommandResponse wrong
    )
    {
        (change, wrong) = (null, new CommandResponse(""));
        var arguments = a.Optional("arguments");
        if (arguments is not null && !KernelArguments.AreSafe(arguments, out var reason))
            return Wrong($"--arguments cannot go into a boot script: {reason}", out wrong);
        var options = DhcpOptions.None;
        foreach (var text in a.ArgumentValues("dhcp"))
        {
            if (!DhcpOptionText.TryParse(text, out var code, out var value, out var error))
                return Wrong(error, out wrong);
            if (options.Has((DhcpOptionCode)code))
                return Wrong($"DHCP option {DhcpOptionCatalog.NameOf(code)} is given twice", out wrong);
            options = options.With(code, value);
        }
        var without = new List<byte>();
        foreach (var text in a.ArgumentValues("no-dhcp"))
        {
            if (!DhcpOptionText.TryParseCode(text, out var code, out var error))
                return Wrong(error, out wrong);
            without.Add(code);
        }
        if (without.FirstOrDefault(code => options.Has((DhcpOptionCode)code)) is > 0 and var both)
            return Wrong($"DHCP option {DhcpOptionCatalog.NameOf(both)} cannot be set and not set", out wrong);
        long? limit = null;
        if (a.Optional("write-cache-limit") is { } limitText)
        {
            if (!TryReadLimit(limitText, out var bytes))
                return Wrong(
                    $"'{limitText}' is no limit of a write cache: a size such as 8G or 512MiB, or none",
                    out wrong
                );
            limit = bytes;
        }
        var withoutLimit = a.ArgumentValues("no-write-cache-limit").Any();
        if (withoutLimit && limit is not null)
            return Wrong("--no-write-cache-limit stands without --write-cache-limit", out wrong);
        VersionAccess? access = null;
        if (a.Optional("access") is { } word)
        {
            if (!s_access.Contains(word, StringComparer.Ordinal))
                return Wrong($"--access takes {string.Join(", ", s_access)}, not '{word}'", out wrong);
            access = Enum.Parse<VersionAccess>(word, ignoreCase: true);
        }
        var withoutAccess = a.ArgumentValues("no-access").Any();
        if (withoutAccess && access is not null)
            return Wrong("--no-access stands without --access", out wrong);
        if (
            arguments is not null
            || options.Count > 0
            || without.Count > 0
            || limit is not null
            || withoutLimit
            || access is not null
            || withoutAccess
        )
            change = new(
                arguments,
                options.Count > 0 ? options : null,
                without.Count > 0 ? without : null,
                limit,
                withoutLimit,
                access,
                withoutAccess
            );
        return true;
    }

    private static bool TryReadLimit(string text, out long bytes)
    {
        bytes = 0;
        return text == "none" || (Sizes.TryParse(text, out bytes) && bytes > 0);
    }

    /// <summary>A vDisk, a transport and a mode that go together.</summary>
    /// <param name="before">What stays where the words say nothing; null: what it is unless told.</param>
    /// <param name="device">Whose it is to be; null: a collection's.</param>
    public static bool TryReadAssignment(
        this CommandArguments a,
        FarmSnapshot farm,
        Assignment? before,
        DeviceState? device,
        out Assignment assignment,
        out CommandResponse wrong
    )
    {
        (assignment, wrong) = (before ?? new(default, default), new CommandResponse(""));
        var wanted = a.Optional("vdisk") ?? $"{assignment.VDisk}";
        if (farm.VDisk(wanted) is not { } vDisk)
            return Wrong($"no vDisk {wanted}: see pbm vdisk list", out wrong);
        var transport = assignment.Transport;
        if (
            a.Optional("transport") is { } transportWord
            && (!Enum.TryParse(transportWord, ignoreCase: true, out transport) || !Enum.IsDefined(transport))
        )
            return Wrong("transport is san, iscsi or nbd", out wrong);
        if (transport != BootTransport.San && vDisk.Production is { HasKernel: false })
            return Wrong(
                $"{vDisk.Name} has no kernel of its own: import it with --kernel and --initrd, or use --transport san",
                out wrong
            );
        assignment = assignment with { VDisk = vDisk.Id, Transport = transport };
        if (a.Optional("mode") is { } modeWord)
        {
            if (!s_modes.Contains(modeWord, StringComparer.Ordinal))
                return Wrong($"--mode takes {string.Join(", ", s_modes)}, not '{modeWord}'", out wrong);
            // What was set for another mode ends with it.
            assignment = new(vDisk.Id, transport, Enum.Parse<DiskMode>(modeWord, ignoreCase: true));
        }
        if (a.Optional("keep") is { } keepText)
        {
            if (!Clock.TryParse(keepText, out TimeSpan keep))
                return Wrong($"'{keepText}' is no duration, e.g. 90m, 12h or 30d", out wrong);
            assignment = assignment with { KeepFor = keep };
        }
        if (a.Optional("old-version-until") is { } untilText)
        {
            if (!Clock.TryParse(untilText, out DateTimeOffset until))
                return Wrong($"'{untilText}' is no time: 2026-12-24T03:00 is UTC", out wrong);
            assignment = assignment with { OldVersionUntil = until };
        }
        if (a.Optional("cache") is { } placeWord)
        {
            if (!CachePlaces.TryParse(placeWord, out var place))
                return Wrong($"--cache takes {string.Join(", ", CachePlaces.Names)}, not '{placeWord}'", out wrong);
            assignment = assignment with { Cache = place, CacheRamBytes = null };
        }
        if (a.Optional("cache-ram") is { } ramText)
        {
            if (!Sizes.TryParse(ramText, out var ram))
                return Wrong($"'{ramText}' is no size, e.g. 512MiB or 2G", out wrong);
            assignment = assignment with { CacheRamBytes = ram };
        }
        return WhyNotPrivate(farm, vDisk, assignment.Mode, device) is not { } taken || Wrong(taken, out wrong);
    }

    /// <summary>For people, behind what was assigned: what it asks of a machine's firmware.</summary>
    public static string FirmwareNote(this FarmSnapshot farm, Assignment? assignment) =>
        assignment is not null && farm.NeedsUefi(assignment)
            ? $"; by UEFI only, as {farm.VDisk(assignment.VDisk)?.Name} has sectors of 4096 bytes: BIOS needs -t iscsi or -t nbd"
            : "";

    /// <summary>A private image is one device's, and nobody else's.</summary>
    private static string? WhyNotPrivate(FarmSnapshot farm, VDiskState vDisk, DiskMode mode, DeviceState? device)
    {
        var others = farm.Devices.Where(d => d.Id != device?.Id && d.Assignment?.VDisk == vDisk.Id).ToArray();
        if (others.FirstOrDefault(d => d.Assignment!.Mode == DiskMode.Private) is { } owner)
            return $"{vDisk.Name} is the private image of {owner.Name}";
        if (mode != DiskMode.Private)
            return null;
        if (others.Length > 0)
            return $"{vDisk.Name} is assigned to {others[0].Name} too, and so is no private image";
        return farm.Policy.Collections.FirstOrDefault(c => c.Assignment?.VDisk == vDisk.Id) is { } collection
            ? $"{vDisk.Name} is what collection {collection.Name} boots, and so is no private image"
            : null;
    }

    public static string? Optional(this CommandArguments a, string name) => a.ArgumentValues(name).FirstOrDefault();

    private static bool Wrong(string what, out CommandResponse wrong)
    {
        wrong = new ErroredCommandResponse(what);
        return false;
    }
}
