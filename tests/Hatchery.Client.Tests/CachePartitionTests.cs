using System.Text.Json;
using Hatchery.Testing;

namespace Hatchery.Client.Tests;

/// <summary>The partition for a machine's write cache is made on a disk that is empty, and on no other.</summary>
public sealed class CachePartitionTests : IDisposable
{
    private const long DiskBytes = 80 << 20;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact("gcc", "sfdisk")]
    public async Task Empty_disk_gets_one_partition_that_is_all_of_it_by_name()
    {
        Make([]);
        Assert.Equal(0, await RunAsync());
        var (text, errors) = await Tool.RunAsync("sfdisk", ["--json", _folder["disk"]]) is var run
            ? (run.Output, run.Errors)
            : default;
        Assert.Equal("", errors);
        using var json = JsonDocument.Parse(text);
        var table = json.RootElement.GetProperty("partitiontable");
        Assert.Equal("gpt", table.GetProperty("label").GetString());
        var partition = Assert.Single(table.GetProperty("partitions").EnumerateArray());
        Assert.Equal(
            ("hatchery-cache", 2048L, (DiskBytes >> 9) - 4096),
            (
                partition.GetProperty("name").GetString(),
                partition.GetProperty("start").GetInt64(),
                partition.GetProperty("size").GetInt64()
            )
        );
        Assert.Contains(
            "No errors detected",
            (await Tool.RunAsync("sfdisk", ["--verify", _folder["disk"]])).Output,
            StringComparison.Ordinal
        );
        // It is not empty any more.
        Assert.Equal(1, await RunAsync());
    }

    [ToolFact("gcc")]
    public async Task Disk_with_anything_on_it_is_left_alone()
    {
        foreach (var at in (long[])[0, 510, 1080, 65_600, (16 << 20) - 1, DiskBytes - (16 << 20), DiskBytes - 1])
        {
            Make([at]);
            var before = await File.ReadAllBytesAsync(_folder["disk"]);
            Assert.Equal(1, await RunAsync());
            Assert.Equal(before, await File.ReadAllBytesAsync(_folder["disk"]));
        }
    }

    /// <summary>A disk of zeroes, but for single bytes.</summary>
    private void Make(long[] written)
    {
        using var disk = File.Create(_folder["disk"]);
        disk.SetLength(DiskBytes);
        foreach (var at in written)
        {
            disk.Position = at;
            disk.WriteByte(1);
        }
    }

    private async Task<int> RunAsync()
    {
        var program = await NativeProgram.BuildAsync(
            SourceTree.PathOf("tests", "Hatchery.Client.Tests", "Native", "gpt-make.c"),
            "gpt.c"
        );
        return (await Tool.RunAsync(program, [_folder["disk"], "512"])).ExitCode;
    }
}
