using Hatchery.Boot;
using Hatchery.Devices;
using Hatchery.Wire.Dhcp;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The arguments that set what devices and collections have alike.</summary>
internal static class SettingWords
{
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
        command.WithArgument(a =>
        {
            a.WithName("transport")
                .WithDescription("san: the firmware attaches the disk; iscsi, nbd: the vDisk's kernel does")
                .WithSwitch("-t")
                .WithSwitch("--transport")
                .WithDefaultValues("san", "iscsi", "nbd");
            return otherwise is null ? a : a.WithDefaultValue(otherwise);
        });

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

    /// <summary>A vDisk and a transport that go together.</summary>
    public static bool TryReadAssignment(
        FarmSnapshot farm,
        string wanted,
        string transportWord,
        out Assignment assignment,
        out CommandResponse wrong
    )
    {
        (assignment, wrong) = (new(default, default), new CommandResponse(""));
        if (farm.VDisk(wanted) is not { } vDisk)
            return Wrong($"no vDisk {wanted}: see pbm vdisk list", out wrong);
        if (
            !Enum.TryParse<BootTransport>(transportWord, ignoreCase: true, out var transport)
            || !Enum.IsDefined(transport)
        )
            return Wrong("transport is san, iscsi or nbd", out wrong);
        if (transport != BootTransport.San && vDisk.Production is { HasKernel: false })
            return Wrong(
                $"{vDisk.Name} has no kernel of its own: import it with --kernel and --initrd, or use --transport san",
                out wrong
            );
        assignment = new(vDisk.Id, transport);
        return true;
    }

    public static string? Optional(this CommandArguments a, string name) => a.ArgumentValues(name).FirstOrDefault();

    private static bool Wrong(string what, out CommandResponse wrong)
    {
        wrong = new ErroredCommandResponse(what);
        return false;
    }
}
