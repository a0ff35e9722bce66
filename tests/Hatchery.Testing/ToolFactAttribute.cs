using Xunit;

namespace Hatchery.Testing;

/// <summary>A test that needs programs of Debian's; without them it is skipped and says which package brings them.</summary>
public class ToolFactAttribute : FactAttribute
{
    private static readonly Dictionary<string, string> s_packages = new(StringComparer.Ordinal)
    {
        ["qemu-img"] = "qemu-utils",
        ["qemu-io"] = "qemu-utils",
        ["qemu-system-x86_64"] = "qemu-system-x86",
        ["qemu-system-aarch64"] = "qemu-system-arm and qemu-efi-aarch64",
        ["nbdinfo"] = "libnbd-bin",
        ["nbdcopy"] = "libnbd-bin",
        ["nbdkit"] = "nbdkit",
        ["iscsi-inq"] = "libiscsi-bin",
        ["iscsi-ls"] = "libiscsi-bin",
        ["fio"] = "fio",
        ["iscsi-test-cu"] = "libiscsi-bin",
        ["tftp"] = "tftp-hpa",
        ["ip"] = "iproute2",
        ["busybox"] = "busybox-static",
        ["udhcpc"] = "udhcpc",
        ["nft"] = "nftables",
        ["dnsmasq"] = "dnsmasq-base",
        ["curl"] = "curl",
        ["sfdisk"] = "fdisk",
        ["dhclient"] = "isc-dhcp-client",
        ["dhcrelay"] = "isc-dhcp-relay",
        ["dhcpcd"] = "dhcpcd-base",
        ["bootpc"] = "bootpc",
        ["atftp"] = "atftp",
        ["unshare"] = "util-linux",
        ["tgtd"] = "tgt",
        ["mmdebstrap"] = "mmdebstrap",
        ["/lib/systemd/systemd-networkd"] = "systemd",
    };

    public ToolFactAttribute(params string[] tools)
    {
        var missing = tools.Where(t => Find(t) is null).ToArray();
        if (missing.Length > 0)
            Skip =
                "needs "
                + string.Join(", ", missing.Select(t => $"{t} (Debian: {s_packages.GetValueOrDefault(t, t)})"));
    }

    public static string? Find(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, tool))
            .FirstOrDefault(File.Exists);
}
