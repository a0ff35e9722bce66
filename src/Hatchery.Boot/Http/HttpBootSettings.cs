using System.Net;
using Hatchery.Boot.Files;

namespace Hatchery.Boot.Http;

/// <summary>What is served by HTTP (HOCON <c>hatchery.boot.http</c>). The port is Kestrel's to bind.</summary>
public sealed record HttpBootSettings
{
    /// <summary>Where the boot programs lie.</summary>
    public string ProgramFolder { get; init; } = BootPrograms.DebianFolder;

    /// <summary>Where kernels and initramfs images lie; they are served below <c>/vdisk/</c>.</summary>
    public string FileFolder { get; init; } = "/var/lib/hatchery/boot";

    /// <summary>The files of that folder that are given out, by their last name: beside kernels lie images, which are nobody's to fetch.</summary>
    public IReadOnlyCollection<string> FileNames { get; init; } = ["kernel", "initrd"];

    /// <summary>Given out as <c>/capture/kernel</c> and <c>/capture/initrd</c> to machines whose disk is to be captured; null: not here.</summary>
    public CaptureBootSettings? Capture { get; init; }

    /// <summary>The iSCSI port of the farm's servers.</summary>
    public int IscsiPort { get; init; } = 3260;

    /// <summary>The logical unit that holds a device's disk.</summary>
    public int Lun { get; init; } = 1;

    /// <summary>Pause of a machine's script before it asks again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a machine that has nothing to boot asks, before it goes on to its next boot device.</summary>
    public int UnknownDeviceTries { get; init; } = 30;
}

/// <summary>A server of the farm as machines reach it.</summary>
public sealed record BootServer(IPAddress Address, int HttpPort, int IscsiPort);
