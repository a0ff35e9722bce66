using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Dhcp;

/// <summary>What of a client the boot timeline tells.</summary>
internal static class NetworkBoot
{
    public static bool Is(DhcpOptions options) => PxeClient.IsNetworkBoot(options) || PxeClient.IsIpxe(options);

    public static string Describe(DhcpOptions options) =>
        PxeClient.IsIpxe(options) ? (PxeClient.CanIpxeFetchHttp(options) ? "iPXE" : "iPXE without HTTP")
        : PxeClient.IsHttpBoot(options) ? $"UEFI HTTP, architecture {PxeClient.Architecture(options) ?? 0}"
        : $"PXE, architecture {PxeClient.Architecture(options) ?? 0}";
}
