using Hatchery.Testing;

namespace Hatchery.Streaming.Tests.Iscsi;

public sealed class IscsiClientsTests
{
    private const int DiskBytes = 64 * 1024 * 1024;
    private const string Target = "iqn.2026-01.farm.hatchery:root";

    [ToolFact("iscsi-ls")]
    public async Task Iscsi_ls_finds_every_target_and_its_disk()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(Target, new MemoryDisk(DiskBytes));
        rig.Gate.Add(Target + "2", new MemoryDisk(DiskBytes));
        var run = await Tool.RunAsync("iscsi-ls", ["-s", $"iscsi://127.0.0.1:{rig.Iscsi.BoundEndPoint!.Port}"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains($"Target:{Target} ", run.Output, StringComparison.Ordinal);
        Assert.Contains($"Target:{Target}2 ", run.Output, StringComparison.Ordinal);
        Assert.Contains("Size:63M", run.Output, StringComparison.Ordinal);
    }

    [ToolFact("iscsi-ls")]
    public async Task Discovery_of_five_hundred_targets_comes_in_pieces()
    {
        await using var rig = await Rig.StartAsync();
        for (var i = 0; i < 500; i++)
            rig.Gate.Add($"{Target}-{i:d3}", new MemoryDisk(512));
        var run = await Tool.RunAsync("iscsi-ls", [$"iscsi://127.0.0.1:{rig.Iscsi.BoundEndPoint!.Port}"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(500, run.Output.Split("Target:").Length - 1);
    }

    [ToolFact("iscsi-inq")]
    public async Task Iscsi_inq_reads_vendor_and_vital_pages()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(Target, new MemoryDisk(DiskBytes));
        var standard = await Tool.RunAsync("iscsi-inq", [rig.IscsiUri(Target)]);
        Assert.Contains("Vendor:HATCHERY", standard.Output, StringComparison.Ordinal);
        foreach (var page in new[] { 0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2 })
        {
            var vital = await Tool.RunAsync("iscsi-inq", ["-e", "1", "-c", $"{page}", rig.IscsiUri(Target)]);
            Assert.True(vital.ExitCode == 0, vital.Errors);
        }
    }

    [ToolFact("iscsi-inq")]
    public async Task A_name_that_the_gate_does_not_know_is_answered_with_target_not_found()
    {
        await using var rig = await Rig.StartAsync();
        var run = await Tool.RunAsync("iscsi-inq", [rig.IscsiUri(Target)]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("Target not found", run.Output + run.Errors, StringComparison.Ordinal);
    }

    [ToolFact("iscsi-inq")]
    public async Task A_redirected_login_goes_to_the_other_server()
    {
        await using var here = await Rig.StartAsync();
        await using var there = await Rig.StartAsync();
        there.Gate.Add(Target, new MemoryDisk(DiskBytes));
        here.Gate.Decide = _ => new LoginOutcome.Redirected(there.Iscsi.BoundEndPoint!);
        var run = await Tool.RunAsync("iscsi-inq", [here.IscsiUri(Target)]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Single(there.Gate.Logins);
    }

    [ToolFact("iscsi-readcapacity16")]
    public async Task Iscsi_readcapacity_reads_large_sectors()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(Target, new MemoryDisk(DiskBytes, blockBytes: 4096));
        var run = await Tool.RunAsync("iscsi-readcapacity16", [rig.IscsiUri(Target)]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains(
            $"RETURNED LOGICAL BLOCK ADDRESS:{(DiskBytes / 4096) - 1}",
            run.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("LOGICAL BLOCK LENGTH IN BYTES:4096", run.Output, StringComparison.Ordinal);
        Assert.Contains("LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT:0", run.Output, StringComparison.Ordinal);
    }

    [QemuIscsiFact]
    public async Task Qemu_io_reads_what_it_wrote_in_large_sectors()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(Target, new MemoryDisk(DiskBytes, blockBytes: 4096));
        var run = await QemuIo.RunAsync(rig.IscsiUri(Target));
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.DoesNotContain("failed", run.Output, StringComparison.Ordinal);
    }

    [QemuIscsiFact]
    public async Task Qemu_io_patterns_survive_flush_discard_zeroes_and_forced_writes()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(Target, new MemoryDisk(DiskBytes));
        var run = await QemuIo.RunAsync(rig.IscsiUri(Target));
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.DoesNotContain("failed", run.Output, StringComparison.Ordinal);
    }
}
