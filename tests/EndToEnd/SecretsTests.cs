using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>A machine's secrets, from an operator's pipe to the initramfs' own programs, without a virtual machine.</summary>
public sealed partial class SecretsTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private const string Secret = "c0rrect horse";

    [NamespaceFact("qemu-io", "qemu-img", "curl", "openssl", "zstd", "cpio", "busybox")]
    public async Task Secret_reaches_its_own_machine_once_in_a_boot_and_nobody_else()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        using var certificates = new FarmCertificates(lab.PathOf("certificates"));
        var (certificate, key) = certificates.IssuePem("one", BootLab.ServerAddress);
        await using var server = await StartAsync(lab, certificate, key);
        await File.WriteAllBytesAsync(lab.PathOf("image"), new byte[1 << 20]);
        await File.WriteAllTextAsync(lab.PathOf("kernel"), "not for this test");
        string[] files = ["--kernel", lab.PathOf("kernel"), "--initrd", lab.PathOf("kernel")];
        var name = BootLab.MachineName(Machine);
        await server.PbmAsync(["vdisk", "import", BootLab.VDisk, lab.PathOf("image"), .. files]);
        await server.PbmAsync("device", "add", name, BootLab.Mac(Machine));
        await server.PbmAsync("device", "assign", name, BootLab.VDisk, "-t", "nbd");
        await PipeAsync(lab, Secret + "\n", "JOIN");
        await server.PbmAsync("device", "secret", "set", name, "CERTIFICATE", "--file", certificate);

        var machine = await lab.PlugInAsync("10.77.0.150");
        await machine.IpAsync("link", "set", "eth0", "address", BootLab.Mac(Machine));
        var stranger = await lab.PlugInAsync("10.77.0.151");
        var initramfs = await UnpackAsync(lab, certificates.AuthorityFile);
        var target = await BootAsync(lab, machine);

        Assert.Contains(
            "is not known to be an address of",
            await AskAsync(stranger, initramfs, target),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("no secrets", await AskAsync(machine, initramfs, target), StringComparison.Ordinal);
        var folder = Path.Combine(initramfs, "run", "hatchery", "secrets");
        Assert.Equal(Secret, await File.ReadAllTextAsync(Path.Combine(folder, "JOIN")));
        Assert.Equal(
            await File.ReadAllTextAsync(certificate),
            await File.ReadAllTextAsync(Path.Combine(folder, "CERTIFICATE"))
        );
        var mode = await Tool.RunAsync("stat", ["-c", "%a", Path.Combine(folder, "JOIN")]);
        Assert.Equal("600\n", mode.Output);
        Assert.Contains(
            "read in this boot already, by 10.77.0.150",
            await AskAsync(machine, initramfs, target),
            StringComparison.Ordinal
        );

        var next = await BootAsync(lab, machine);
        Assert.Contains("has booted again", await AskAsync(machine, initramfs, target), StringComparison.Ordinal);
        // Another authority than that of the server.
        using (var others = new FarmCertificates(lab.PathOf("others")))
            File.Copy(others.AuthorityFile, Path.Combine(initramfs, "etc", "hatchery-ca.pem"), overwrite: true);
        File.Delete(Path.Combine(folder, "JOIN"));
        await AskAsync(machine, initramfs, next);
        Assert.False(File.Exists(Path.Combine(folder, "JOIN")));

        var plain = await machine.ExecAsync("curl", "--silent", $"http://{BootLab.ServerAddress}:8069/secrets/{next}");
        Assert.Equal("secrets are given over TLS only\n", plain.Output);
        var shown = await server.PbmAsync("device", "show", name);
        Assert.Contains("secrets-sent", shown, StringComparison.Ordinal);
        Assert.Contains("secrets-refused", shown, StringComparison.Ordinal);
        var listed = await server.PbmAsync("device", "secret", "list", name);
        Assert.Contains("JOIN", listed, StringComparison.Ordinal);
        await server.StopAsync();
        var everything = shown + listed + server.Transcript();
        Assert.DoesNotContain(Secret, everything, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("c0rrect horse"u8), everything, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(lab.ServerFolder, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain(
                Secret,
                System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)),
                StringComparison.Ordinal
            );
    }

    private static async Task<ServerProcess> StartAsync(BootLab lab, string certificate, string key)
    {
        var keyFile = lab.PathOf("farm.key");
        await File.WriteAllTextAsync(keyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var configuration = lab.PathOf("secrets.conf");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            {{await File.ReadAllTextAsync(BootLab.Configuration)}}
            hatchery.secrets.key-file = "{{keyFile}}"
            hatchery.boot.https { port = 8443, certificate = "{{certificate}}", key = "{{key}}" }
            """
        );
        var server = new ServerProcess(configuration, BootLab.EnvironmentOf(lab.ServerFolder), lab.Inside);
        await server.StartAsync();
        return server;
    }

    /// <summary>Through a pipe, as an operator types it.</summary>
    private static async Task PipeAsync(BootLab lab, string secret, string name)
    {
        var pbm = SourceTree.Executable("Pbm", "pbm");
        await File.WriteAllTextAsync(lab.PathOf("piped"), secret);
        var command = $"device secret set {BootLab.MachineName(Machine)} {name} --stdin";
        var ran = await lab.Inside.ExecAsync("sh", "-c", $"cat '{lab.PathOf("piped")}' | '{pbm}' {command}");
        Assert.True(ran.ExitCode == 0, ran.Output + ran.Errors);
        File.Delete(lab.PathOf("piped"));
    }

    /// <summary>The initramfs as a machine has it, with what <c>build.sh --ca</c> adds.</summary>
    private static async Task<string> UnpackAsync(BootLab lab, string authority)
    {
        var image = await GuestImage.GetAsync();
        var tree = lab.PathOf("initramfs");
        var script = SourceTree.PathOf("deploy", "initramfs", "tree.sh");
        Directory.CreateDirectory(tree);
        var made = await Tool.RunAsync(
            "bash",
            [
                "-c",
                $". '{script}'; cd '{tree}' && zstd -dc '{image.Initrd}' | cpio -id --quiet && add_program '{tree}' /usr/bin/openssl && cp '{authority}' etc/hatchery-ca.pem && for applet in $(bin/busybox --list); do [ $applet = busybox ] || ln -s busybox bin/$applet; done",
            ]
        );
        Assert.True(made.ExitCode == 0, made.Output + made.Errors);
        return tree;
    }

    /// <returns>What the initramfs says on the console.</returns>
    private async Task<string> AskAsync(NetNamespace machine, string initramfs, string target)
    {
        // The namespace has mounts of its own, which go with it.
        const string Ask = ". /lib/hatchery/attach.sh; . /lib/hatchery/personality.sh; get_secrets";
        var asked = await machine.ExecAsync(
            "sh",
            "-c",
            $"mount -t proc proc '{initramfs}/proc' && exec env -i PATH=/bin:/sbin:/usr/bin servers={BootLab.ServerAddress}:10809 target={target} chroot '{initramfs}' /bin/sh -c '{Ask}'"
        );
        output.WriteLine(asked.Output + asked.Errors);
        return asked.Output;
    }

    /// <summary>The machine fetches its script and attaches its disk.</summary>
    private static async Task<string> BootAsync(BootLab lab, NetNamespace machine)
    {
        var url = $"http://{BootLab.ServerAddress}:8069/boot/{BootLab.Mac(Machine).Replace(':', '-')}";
        var script = (await machine.ExecAsync("curl", "--silent", "--fail", url)).Output;
        var match = NbdTarget().Match(script);
        Assert.True(match.Success, script);
        var target = match.Groups[1].Value;
        var read = await machine.ExecAsync(
            "qemu-io",
            "-f",
            "raw",
            "-c",
            "read 0 4k",
            $"nbd://{BootLab.ServerAddress}/{target}"
        );
        Assert.True(read.ExitCode == 0, read.Output + read.Errors);
        return target;
    }

    [GeneratedRegex(@"hatchery\.root=nbd:[^/ ]+/(\S+)", RegexOptions.None, 1000)]
    private static partial Regex NbdTarget();
}
