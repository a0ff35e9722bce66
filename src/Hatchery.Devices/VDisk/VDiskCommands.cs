using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>A command to one vDisk; answered by a <see cref="Reply"/>.</summary>
public interface IVDiskCommand : IFarmMessage
{
    VDiskId VDisk { get; }

    string IFarmMessage.EntityId => VDisk.ToString();
}

/// <summary>An imported image becomes the first version of a new vDisk. The same image again changes nothing.</summary>
public sealed record AddVDisk(
    VDiskId VDisk,
    string Name,
    LayerId Image,
    long SizeBytes,
    string Sha256,
    bool HasKernel,
    string? KernelArguments
) : IVDiskCommand;

/// <summary>A boot takes the version in production; answered by <see cref="VersionGrant"/>.</summary>
public sealed record TakeVersion(VDiskId VDisk, DeviceId Device) : IVDiskCommand;

public sealed record ReleaseVersion(VDiskId VDisk, DeviceId Device) : IVDiskCommand;

/// <summary>Refused while a device uses it.</summary>
public sealed record RemoveVDisk(VDiskId VDisk) : IVDiskCommand;

public sealed record VersionGrant(VDiskId VDisk, VDiskVersion Version) : Reply;
