using System.Net;
using Hatchery.Boot.Http;
using Hatchery.Disks;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot;

/// <summary>What the boot services ask of the farm. Answers come from memory (the farm view), never from the database.</summary>
public interface IBootDirectory
{
    /// <summary>Asked when a machine fetches its script: one that the farm does not know may be added to it by a rule.</summary>
    /// <returns>Null when <see cref="Plan"/> has the answer; otherwise why there is nothing to boot.</returns>
    ValueTask<string?> AdmitAsync(BootClient client, CancellationToken cancellation);

    /// <summary>What this machine should boot, with a fresh boot nonce; asking changes nothing.</summary>
    BootPlan Plan(BootClient client);

    /// <summary>DHCP options that the farm has for this machine, its own over its collection's; none for one that it does not know.</summary>
    DhcpOptions OptionsOf(MacAddress mac);

    /// <summary>One step of a device's boot timeline; never blocks, and a machine that the farm does not know is logged only.</summary>
    void Report(BootProgress progress);
}

/// <summary>Who asks: whatever of it the protocol carried.</summary>
/// <param name="Uuid">SMBIOS UUID (option 97 type 0, iPXE's ${uuid}); repeats in the wild, so never alone an identity.</param>
/// <param name="Architecture">RFC 4578 option 93, e.g. 0 BIOS, 7 UEFI x64.</param>
/// <param name="Relay">The relay agent that its DHCP messages came through, as its script's URL says.</param>
public sealed record BootClient(
    MacAddress Mac,
    Guid? Uuid = null,
    ushort? Architecture = null,
    IPAddress? Address = null,
    IPAddress? Relay = null
);

public abstract record BootPlan
{
    private BootPlan() { }

    /// <summary>The firmware attaches the disk itself and boots from it: iPXE sanboot by iSCSI.</summary>
    /// <param name="TargetName">IQN with the boot nonce in it.</param>
    /// <param name="Servers">That take the boot, the best first; null: all that the machine may turn to.</param>
    public sealed record San(
        DeviceId Device,
        string DeviceName,
        string TargetName,
        IReadOnlyList<BootServer>? Servers = null
    ) : BootPlan;

    /// <summary>A kernel and an initial RAM disk by HTTP; the initramfs mounts the root.</summary>
    /// <param name="KernelPath">Path below the HTTP server's root, beginning with a slash.</param>
    /// <param name="Arguments">The kernel command line, with the device's root already in it.</param>
    /// <param name="Servers">That have both files, the best first; null: all that the machine may turn to.</param>
    public sealed record Kernel(
        DeviceId Device,
        string DeviceName,
        string KernelPath,
        string InitrdPath,
        string Arguments,
        IReadOnlyList<BootServer>? Servers = null
    ) : BootPlan;

    /// <summary>Nothing to boot from here; the script says why on the machine's console.</summary>
    public sealed record Nothing(string Reason) : BootPlan;
}

public enum BootStep
{
    Discovered,

    /// <summary>There was no address for it.</summary>
    NotOffered,
    Offered,

    /// <summary>It took an address from us or, by a proxy, the program that we told of.</summary>
    Requested,
    BootstrapSent,
    KernelSent,
    InitrdSent,

    /// <summary>A file by TFTP or HTTP that did not arrive.</summary>
    TransferFailed,
    ScriptSent,

    /// <summary>A script that says why there is nothing to boot.</summary>
    NothingToBoot,
}

/// <param name="Detail">What was handed out: an address, a file name.</param>
public sealed record BootProgress(MacAddress Mac, BootStep Step, string Detail, IPAddress? Address = null);
