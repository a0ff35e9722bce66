using Hatchery.Testing;

namespace Hatchery.Streaming.Tests.Nbd;

public sealed class NbdClientsTests
{
    private const int DiskBytes = 64 * 1024 * 1024;

    [ToolFact("nbdinfo")]
    public async Task Nbdinfo_reads_size_flags_and_block_sizes()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        var info = await Tool.RunAsync("nbdinfo", ["--json", rig.NbdUri("root")]);
        Assert.Equal(0, info.ExitCode);
        Assert.Contains($"\"export-size\": {DiskBytes}", info.Output, StringComparison.Ordinal);
        Assert.Contains("\"can_multi_conn\": true", info.Output, StringComparison.Ordinal);
        Assert.Contains("\"can_fua\": true", info.Output, StringComparison.Ordinal);
        Assert.Contains("\"block_size_minimum\": 512", info.Output, StringComparison.Ordinal);
    }

    [ToolFact("nbdinfo")]
    public async Task Nbdinfo_lists_all_exports()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("a", new MemoryDisk(DiskBytes));
        rig.Gate.Add("b", new MemoryDisk(DiskBytes, isReadOnly: true));
        var info = await Tool.RunAsync("nbdinfo", ["--list", rig.NbdUri("")]);
        Assert.Contains("export=\"a\"", info.Output, StringComparison.Ordinal);
        Assert.Contains("export=\"b\"", info.Output, StringComparison.Ordinal);
    }

    [ToolFact("nbdinfo")]
    public async Task A_name_that_the_gate_does_not_know_is_refused_with_an_error()
    {
        await using var rig = await Rig.StartAsync();
        var info = await Tool.RunAsync("nbdinfo", [rig.NbdUri("nobody")]);
        Assert.NotEqual(0, info.ExitCode);
        Assert.Contains("nbd_opt_go", info.Errors, StringComparison.Ordinal);
    }

    [ToolFact("nbdcopy")]
    public async Task Nbdcopy_writes_by_four_connections_and_reads_the_same_back()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        using var folder = new TempFolder();
        var bytes = new byte[DiskBytes];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(folder["in"], bytes);
        var written = await Tool.RunAsync("nbdcopy", ["--connections=4", "--flush", folder["in"], rig.NbdUri("root")]);
        Assert.True(written.ExitCode == 0, written.Errors);
        Assert.True(disk.Bytes.AsSpan().SequenceEqual(bytes));
        Assert.True(disk.Flushes > 0);
        var read = await Tool.RunAsync("nbdcopy", ["--connections=4", rig.NbdUri("root"), folder["out"]]);
        Assert.True(read.ExitCode == 0, read.Errors);
        var copy = await File.ReadAllBytesAsync(folder["out"]);
        Assert.True(copy.AsSpan().SequenceEqual(bytes));
    }

    [ToolFact("qemu-img")]
    public async Task Qemu_img_converts_and_compares()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        using var folder = new TempFolder();
        var bytes = new byte[DiskBytes];
        new Random(2).NextBytes(bytes.AsSpan(DiskBytes / 4, DiskBytes / 4));
        await File.WriteAllBytesAsync(folder["in"], bytes);
        var converted = await Tool.RunAsync(
            "qemu-img",
            ["convert", "-n", "-f", "raw", "-O", "raw", folder["in"], rig.NbdUri("root")]
        );
        Assert.True(converted.ExitCode == 0, converted.Errors);
        var compared = await Tool.RunAsync(
            "qemu-img",
            ["compare", "-f", "raw", "-F", "raw", folder["in"], rig.NbdUri("root")]
        );
        Assert.True(compared.ExitCode == 0, compared.Output + compared.Errors);
    }

    [ToolFact("qemu-io")]
    public async Task Qemu_io_patterns_survive_flush_discard_zeroes_and_forced_writes()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        var run = await QemuIo.RunAsync(rig.NbdUri("root"));
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.DoesNotContain("failed", run.Output, StringComparison.Ordinal);
        Assert.True(disk.ForcedWrites > 0);
    }

    [ToolFact("nbdinfo", "qemu-io")]
    public async Task A_disk_of_large_sectors_says_so_and_is_written_in_them()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add("root", new MemoryDisk(DiskBytes, blockBytes: 4096));
        var info = await Tool.RunAsync("nbdinfo", ["--json", rig.NbdUri("root")]);
        Assert.Contains("\"block_size_minimum\": 4096", info.Output, StringComparison.Ordinal);
        // Requests that are smaller than a sector it fills up by itself.
        var run = await QemuIo.RunAsync(rig.NbdUri("root"));
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.DoesNotContain("failed", run.Output, StringComparison.Ordinal);
        Assert.True(disk.ForcedWrites > 0);
    }

    [ToolFact("fio")]
    public async Task Fio_verifies_random_writes_of_many_sizes()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        var run = await Tool.RunAsync(
            "fio",
            [
                "--name=v",
                "--ioengine=nbd",
                $"--uri={rig.NbdUri("root")}",
                "--rw=randrw",
                "--bsrange=512-128k",
                "--iodepth=32",
                "--size=32M",
                "--verify=crc32c",
                "--verify_fatal=1",
                "--randseed=7",
            ]
        );
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
    }
}
