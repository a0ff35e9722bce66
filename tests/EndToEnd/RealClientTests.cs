using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Programs of Debian's against a server as it runs, without virtual machines.</summary>
public sealed partial class RealClientTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private const int ImageBytes = 8 << 20;
    private const string SpaceAllocationFailed = "(0x2707)"; // SPC-4 annex F: additional sense code and its qualifier
    private const int HttpPort = 8069;
    private static readonly string s_http = string.Create(
        CultureInfo.InvariantCulture,
        $"http://{BootLab.ServerAddress}:{HttpPort}"
    );

    [NamespaceFact("busybox")]
    public async Task Udhcpc_gets_an_address_of_the_subnet_and_the_same_one_again_after_a_kill()
    {
        await using var lab = await BootLab.StartAsync(output);
        var client = await lab.PlugInAsync();
        var first = await Clients.LeaseAsync(client);
        Assert.Matches(@"^10\.77\.0\.1[0-9][0-9]$", first);

        await lab.Server.KillAsync();
        await lab.Server.StartAsync();
        Assert.Equal(first, await Clients.LeaseAsync(client));
        Assert.NotEqual(first, await Clients.LeaseAsync(await lab.PlugInAsync()));
    }

    [NamespaceFact("tftp")]
    public async Task Tftp_gets_the_boot_program_byte_for_byte()
    {
        await using var lab = await BootLab.StartAsync(output);
        var file = lab.PathOf("undionly.kpxe");
        await Clients.RunAsync(lab, "tftp", "-m", "binary", BootLab.ServerAddress, "-c", "get", "undionly.kpxe", file);
        Assert.Equal(await File.ReadAllBytesAsync("/usr/lib/ipxe/undionly.kpxe"), await File.ReadAllBytesAsync(file));
    }

    [NamespaceFact("curl")]
    public async Task Curl_gets_a_script_of_its_own_for_each_machine_with_a_fresh_nonce_each_time()
    {
        await using var lab = await StartWithDeviceAsync("san");
        var first = await TargetAsync(lab, SanTarget());
        var second = await TargetAsync(lab, SanTarget());
        Assert.NotEqual(first, second);

        var shown = await lab.ShowAsync(Machine);
        Assert.Equal(0, shown.BootCount);
    }

    [NamespaceFact("nbdinfo", "nbdcopy", "curl")]
    public async Task Nbdinfo_and_nbdcopy_read_the_vDisk()
    {
        await using var lab = await StartWithDeviceAsync("nbd");
        var uri = $"nbd://{BootLab.ServerAddress}/{await TargetAsync(lab, NbdTarget())}";
        Assert.Equal(
            ImageBytes,
            int.Parse(await Clients.RunAsync(lab, "nbdinfo", "--size", uri), CultureInfo.InvariantCulture)
        );

        var copy = lab.PathOf("copy");
        await Clients.RunAsync(lab, "nbdcopy", uri, copy);
        Assert.Equal(await GuestImage.HashAsync(lab.PathOf("image")), await GuestImage.HashAsync(copy));
    }

    [NamespaceFact("nbd-client", "curl")]
    public async Task Nbd_client_lists_the_devices_exports()
    {
        await using var lab = await StartWithDeviceAsync("nbd");
        var listed = await Clients.RunAsync(lab, "nbd-client", "-l", BootLab.ServerAddress);
        Assert.Contains(BootLab.MachineName(Machine), listed, StringComparison.Ordinal);
    }

    [NamespaceFact("qemu-io", "qemu-img", "curl")]
    public async Task Qemu_reads_what_it_wrote_and_the_image_is_as_it_was()
    {
        await using var lab = await StartWithDeviceAsync("nbd");
        var original = lab.PathOf("image");
        var uri = $"nbd://{BootLab.ServerAddress}/{await TargetAsync(lab, NbdTarget())}";
        await QemuIoAsync(lab, uri, "write -P 0xa5 1M 64k", "flush");
        await QemuIoAsync(lab, uri, "read -P 0xa5 1M 64k");

        var copy = lab.PathOf("copy");
        await Clients.RunAsync(lab, "qemu-img", "convert", "-f", "raw", "-O", "raw", uri, copy);
        Assert.NotEqual(await GuestImage.HashAsync(original), await GuestImage.HashAsync(copy));
        Assert.Equal(await GuestImage.HashAsync(original), await GuestImage.HashAsync(lab.StoredImage(original)));
    }

    [NamespaceFact("iscsi-ls", "iscsi-inq", "curl")]
    public async Task Libiscsi_finds_the_disk_and_inquires_it()
    {
        await using var lab = await StartWithDeviceAsync("iscsi");
        var target = await TargetAsync(lab, IscsiTarget());
        var found = await Clients.RunAsync(lab, "iscsi-inq", $"iscsi://{BootLab.ServerAddress}/{target}/0");
        Assert.Contains("Hatchery", found, StringComparison.OrdinalIgnoreCase);
        await Clients.RunAsync(lab, "iscsi-ls", $"iscsi://{BootLab.ServerAddress}");
    }

    [NamespaceFact("qemu-io", "curl", "nbdinfo")]
    public async Task Qemu_at_its_limit_by_Nbd_is_told_no_space_and_goes_on_after_a_discard_or_with_another_limit()
    {
        await using var lab = await StartWithDeviceAsync("nbd");
        await RunIntoLimitAsync(
            lab,
            $"nbd://{BootLab.ServerAddress}/{await TargetAsync(lab, NbdTarget())}",
            "No space left on device"
        );
    }

    [NamespaceFact("qemu-io", "curl", "iscsi-ls")]
    public async Task Qemu_at_its_limit_by_iSCSI_is_told_no_space_and_goes_on_after_a_discard_or_with_another_limit()
    {
        await using var lab = await StartWithDeviceAsync("iscsi");
        await RunIntoLimitAsync(
            lab,
            $"iscsi://{BootLab.ServerAddress}/{await TargetAsync(lab, IscsiTarget())}/0",
            SpaceAllocationFailed
        );
    }

    /// <param name="noSpace">What the client says at the limit.</param>
    private static async Task RunIntoLimitAsync(BootLab lab, string uri, string noSpace)
    {
        var name = BootLab.MachineName(Machine);
        await lab.Server.PbmAsync("collection", "set", "default", "--write-cache-limit", "1M");
        await QemuIoAsync(lab, uri, "write -P 1 0 1M", "flush");
        await RefusedAsync("write -P 2 1M 64k");
        await QemuIoAsync(lab, uri, "read -P 1 0 1M", "write -P 3 512k 64k", "read -P 3 512k 64k", "flush");

        await QemuIoAsync(lab, uri, "discard 0 256k", "write -P 4 1M 64k", "read -P 4 1M 64k");
        await RefusedAsync("write -P 5 2M 256k");

        await lab.Server.PbmAsync("device", "set", name, "--write-cache-limit", "2M");
        await QemuIoAsync(lab, uri, "write -P 5 2M 256k", "read -P 5 2M 256k", "read -P 4 1M 64k");

        await lab.Server.PbmAsync("device", "set", name, "--no-write-cache-limit");
        await RefusedAsync("write -P 6 3M 64k");
        var shown = await lab.Server.PbmAsync("device", "show", name);
        Assert.Contains("write cache up to 1.0 MiB, from collection default", shown, StringComparison.Ordinal);
        Assert.Contains("cache-full", shown, StringComparison.Ordinal);

        async Task RefusedAsync(string write)
        {
            var run = await lab.Inside.ExecAsync("qemu-io", ["-f", "raw", "-c", write, uri]);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains(noSpace, run.Output + run.Errors, StringComparison.Ordinal);
        }
    }

    private async Task<BootLab> StartWithDeviceAsync(string transport)
    {
        var lab = await BootLab.StartAsync(output);
        try
        {
            var content = new byte[ImageBytes];
            Seed.New(output).NextBytes(content);
            await File.WriteAllBytesAsync(lab.PathOf("image"), content);
            await File.WriteAllTextAsync(lab.PathOf("kernel"), "not for this test");
            string[] files = ["--kernel", lab.PathOf("kernel"), "--initrd", lab.PathOf("kernel")];
            await lab.Server.PbmAsync(["vdisk", "import", BootLab.VDisk, lab.PathOf("image"), .. files]);
            await lab.AddDeviceAsync(Machine, transport);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>The name of the machine's disk, from its boot script.</summary>
    private static async Task<string> TargetAsync(BootLab lab, Regex place)
    {
        var mac = BootLab.Mac(Machine).Replace(':', '-');
        var script = await Clients.RunAsync(lab, "curl", "--silent", "--show-error", "--fail", $"{s_http}/boot/{mac}");
        Assert.StartsWith("#!ipxe", script, StringComparison.Ordinal);
        var match = place.Match(script);
        Assert.True(match.Success, script);
        return match.Groups[1].Value;
    }

    private static Task<string> QemuIoAsync(BootLab lab, string uri, params string[] commands) =>
        Clients.RunAsync(
            lab,
            "qemu-io",
            ["-f", "raw", "-d", "unmap", .. commands.SelectMany(c => (string[])["-c", c]), uri]
        );

    private const int RegexLimitMs = 1000;

    [GeneratedRegex(@"sanboot iscsi:[0-9.]+::\d+:\d+:(\S+)", RegexOptions.None, RegexLimitMs)]
    private static partial Regex SanTarget();

    [GeneratedRegex(@"hatchery\.root=iscsi:[^/ ]+/(\S+)", RegexOptions.None, RegexLimitMs)]
    private static partial Regex IscsiTarget();

    [GeneratedRegex(@"hatchery\.root=nbd:[^/ ]+/(\S+)", RegexOptions.None, RegexLimitMs)]
    private static partial Regex NbdTarget();
}
