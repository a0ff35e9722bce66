using Hatchery.Disks;

namespace Hatchery.Streaming.Iscsi;

/// <summary>What a disk is called in its vital product data: derived from the device alone, so the same on every server.</summary>
internal sealed class DiskIdentity(DeviceId device)
{
    public const string Vendor = "HATCHERY";
    public const string Product = "vDisk";
    public const string Revision = "1";

    public string Serial { get; } = device.ToString();

    /// <summary>A locally assigned NAA name (format 3): 60 bits of the device's id.</summary>
    public byte[] RegisteredName { get; } = Name(device);

    private static byte[] Name(DeviceId device)
    {
        var name = device.Value.ToByteArray()[^8..];
        name[0] = (byte)(0x30 | (name[0] & 0x0f));
        return name;
    }
}
