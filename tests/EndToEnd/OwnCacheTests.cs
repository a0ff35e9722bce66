using System.Diagnostics;
using System.Text.Json;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Machines that have their write cache themselves: what they write reaches no server.</summary>
[Trait("Tier", "vm")]
public sealed class OwnCacheTests(ITestOutputHelper output)
{
    private const int Machine = 1;

    /// <summary>A boot, and what the guest writes then.</summary>
    private static readonly TimeSpan s_limit = 2 * Limits.BootOfTwo;

    [NamespaceFact("qemu-system-x86_64")]
    public async Task Machine_that_wants_a_disk_and_has_none_writes_to_its_memory_and_the_farm_is_told()
    {
        await using var lab = await StartAsync("nbd", "--cache", "disk");
        var machine = await lab.PowerOnAsync(Machine, "io mb=24 then=stay");
        await machine.WaitForAsync("BOOT-DONE", s_limit);
        var own = await OwnCacheAsync(lab, used => used > 24 << 20);
        Assert.Equal("ram", own.GetProperty("place").GetString());
        Assert.Equal("disk", own.GetProperty("wanted").GetString());
        Assert.Contains(
            "no partition named hatchery-cache",
            own.GetProperty("fallback").GetString(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "where disk was wanted: the machine has no partition named hatchery-cache",
            await StepAsync(lab, "cache-elsewhere"),
            StringComparison.Ordinal
        );
        Assert.Empty(Directory.GetDirectories(Path.Combine(lab.ServerFolder, "store", "caches")));
    }

    [NamespaceFact("qemu-system-x86_64", "sfdisk")]
    public async Task Write_cache_in_memory_goes_on_on_the_disk_and_when_both_are_full_the_farm_is_told()
    {
        await using var lab = await StartAsync("iscsi", "--cache", "ram-disk", "--cache-ram", "16MiB");
        var disk = await DiskAsync(lab, "disk", "hatchery-cache", 48);
        var other = await DiskAsync(lab, "other", "somebody-elses", 48);
        string[] disks = [.. Attach(other, "d0"), .. Attach(disk, "d1")];
        var machine = await lab.PowerOnAsync(Machine, "io mb=54 then=stay", more: disks);
        await machine.WaitForAsync("IO-VERIFIED", s_limit);
        await machine.WaitForAsync("FRESH yes", s_limit);
        var own = await OwnCacheAsync(lab, used => used > 54 << 20);
        Assert.Equal(
            ("ram-disk", 64L << 20),
            (own.GetProperty("place").GetString(), own.GetProperty("sizeBytes").GetInt64())
        );
        Assert.True(IsWritten(disk, from: 4 << 20), "nothing was written to the machine's disk");
        await StepAsync(lab, "cache-filling");
        await machine.PowerOffAsync();

        // It forgets, and what is not named for it is not touched.
        machine = await lab.PowerOnAsync(Machine, "io mb=80 then=stay", more: disks);
        await machine.WaitForAsync("FRESH yes", s_limit);
        Assert.Contains("it has to boot", await StepAsync(lab, "cache-full"), StringComparison.Ordinal);
        Assert.Equal("full", (await OwnCacheAsync(lab, _ => true)).GetProperty("level").GetString());
        Assert.False(IsWritten(other, from: 1 << 20), "another partition was written to");
    }

    [PostgreSqlNamespaceFact("qemu-io", "curl")]
    public async Task Machine_goes_on_at_a_server_without_a_copy_when_its_own_and_maybe_its_keeper_are_killed()
    {
        await using var farm = await FarmLab.StartAsync(output);
        await farm.UntilMembersAsync("alpha", "beta", "gamma");
        await farm.AddVDiskAsync();
        await farm.AddDeviceAsync("alpha", Machine);
        string[] words =
        [
            "device",
            "assign",
            BootLab.MachineName(Machine),
            FarmLab.VDisk,
            "-t",
            "nbd",
            "--cache",
            "ram",
        ];
        await farm.Servers["alpha"].PbmAsync(words);

        var (servers, export) = await farm.ScriptAsync("alpha", Machine);
        Assert.Equal(0, (await ReadAsync(servers[0])).ExitCode);
        var refused = await farm.ClientAsync("qemu-io", "-f", "raw", "-c", "write 0 64k", Uri(servers[0]));
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("denied", refused.Output + refused.Errors, StringComparison.OrdinalIgnoreCase);
        await UntilBootedAsync(servers[1]);

        await farm.Servers[servers[0]].KillAsync();
        var since = Stopwatch.GetTimestamp();
        var read = await ReadAsync(servers[1]);
        output.WriteLine($"read at {servers[1]} after {Stopwatch.GetElapsedTime(since).TotalMilliseconds:0} ms");
        Assert.True(read.ExitCode == 0, read.Errors);
        await UntilBootedAsync(servers[2]);

        Task<ToolResult> ReadAsync(string server) =>
            farm.ClientAsync("qemu-io", "-r", "-f", "raw", "-c", "read -P 0 0 64k", Uri(server));

        string Uri(string server) => $"nbd://{FarmLab.AddressOf(server)}/{export}";

        // Once, as far as that server knows.
        Task UntilBootedAsync(string server) =>
            Eventually.TrueAsync(async () =>
                (await farm.Servers[server].PbmJsonAsync("device", "show", BootLab.MachineName(Machine)))
                    .GetProperty("bootCount")
                    .GetInt32() == 1
            );
    }

    private async Task<BootLab> StartAsync(string transport, params string[] cache)
    {
        var lab = await BootLab.StartWithGuestAsync(output);
        try
        {
            await lab.AddDeviceAsync(Machine, transport);
            string[] words =
            [
                "device",
                "assign",
                BootLab.MachineName(Machine),
                BootLab.VDisk,
                "-t",
                transport,
                .. cache,
            ];
            await lab.Server.PbmAsync(words);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>A disk with one partition of this name.</summary>
    private static async Task<string> DiskAsync(BootLab lab, string file, string partition, int mebibytes)
    {
        var path = lab.PathOf(file);
        await using (var made = File.Create(path))
            made.SetLength((mebibytes + 2L) << 20);
        var script = lab.PathOf(file + ".sfdisk");
        await File.WriteAllTextAsync(script, $"label: gpt\nstart=1MiB, size={mebibytes}MiB, name=\"{partition}\"\n");
        await Clients.RunAsync(lab, "sh", "-c", $"sfdisk -q {path} <{script}");
        return path;
    }

    private static string[] Attach(string disk, string name) =>
        ["-drive", $"if=none,id={name},format=raw,file={disk}", "-device", $"virtio-blk-pci,drive={name}"];

    private static bool IsWritten(string disk, int from)
    {
        var bytes = File.ReadAllBytes(disk);
        // The second partition table is at its end.
        return bytes.AsSpan(from, bytes.Length - from - (1 << 20)).ContainsAnyExcept((byte)0);
    }

    /// <summary>What the farm knows of the machine's write cache, once so much is in use.</summary>
    private static async Task<JsonElement> OwnCacheAsync(BootLab lab, Func<long, bool> isThere)
    {
        JsonElement own = default;
        await Eventually.TrueAsync(
            async () =>
            {
                var shown = await lab.Server.PbmJsonAsync("device", "show", BootLab.MachineName(Machine));
                own = shown.GetProperty("ownCache");
                return own.ValueKind == JsonValueKind.Object && isThere(own.GetProperty("usedBytes").GetInt64());
            },
            s_limit
        );
        return own;
    }

    /// <summary>The detail of a step of the machine's timeline, once it is there.</summary>
    private static async Task<string> StepAsync(BootLab lab, string step)
    {
        string? detail = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var shown = await lab.Server.PbmJsonAsync("device", "show", BootLab.MachineName(Machine));
                detail = shown
                    .GetProperty("timeline")
                    .EnumerateArray()
                    .Where(s => s.GetProperty("step").GetString() == step)
                    .Select(s => s.GetProperty("detail").GetString())
                    .LastOrDefault();
                return detail is not null;
            },
            s_limit
        );
        return detail!;
    }
}
