using System.Text;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class ImageExportTests : IDisposable
{
    // No multiple of a cylinder, nor of a cluster.
    private const long DiskBytes = (37L << 20) + (3 * 512);

    private readonly TempFolder _folder = new();
    private readonly LayerId _layer = new(Guid.NewGuid());
    private readonly Store _store;

    private readonly Random _random;

    public ImageExportTests(ITestOutputHelper output)
    {
        _random = Seed.New(output);
        _store = Store.Open(_folder["store"]).Value!;
        Directory.CreateDirectory(_folder["out"]);
        Scatter(_folder["disk"], _random);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [ToolFact("qemu-img")]
    public async Task Import_and_export_agree_in_every_format()
    {
        var manifest = await ImportAsync();
        foreach (var format in ExportFormat.All)
            await AssertRoundTripAsync(manifest, format);
    }

    [ToolFact("qemu-img")]
    public async Task Import_and_export_agree_at_sizes_that_fill_no_cluster()
    {
        foreach (var bytes in (long[])[512, 64 << 10, (64 << 10) + 512, (256L << 20) - 512, (256L << 20) + 512])
        {
            await using (var file = File.Create(_folder["disk"]))
            {
                file.SetLength(bytes);
                file.WriteByte(1);
                file.Position = bytes - 1;
                file.WriteByte(2);
            }
            var manifest = await ImportAsync();
            foreach (var format in ExportFormat.All)
                await AssertRoundTripAsync(manifest, format);
            _store.DeleteImage(_layer);
        }
    }

    [ToolFact("qemu-img")]
    public async Task A_sparse_disk_of_2_TB_takes_no_more_time_and_room_than_its_data()
    {
        await using (var file = File.Create(_folder["disk"]))
        {
            file.SetLength(2_000_000_000_000);
            var piece = new byte[1 << 20];
            foreach (var at in (long[])[0, 1_234_567_890_123, 2_000_000_000_000 - piece.Length])
            {
                _random.NextBytes(piece);
                file.Position = at;
                file.Write(piece);
            }
        }
        var manifest = await ImportAsync();
        Assert.Equal(2_000_000_000_000, manifest.LengthBytes);
        Assert.Null(await _store.VerifyImageAsync(_layer));
        foreach (var name in (string[])["raw", "qcow2", "vhd-dynamic"])
        {
            await AssertRoundTripAsync(manifest, ExportFormat.Find(name)!);
            Assert.True(Allocated(_folder["out/disk." + name]) < 64 << 20);
            File.Delete(_folder["out/disk." + name]);
        }
    }

    private static long Allocated(string path)
    {
        var result = Tool.RunAsync("stat", ["-c", "%b", path]).GetAwaiter().GetResult();
        return long.Parse(result.Output, System.Globalization.CultureInfo.InvariantCulture) * 512;
    }

    private async Task AssertRoundTripAsync(ImageManifest manifest, ExportFormat format)
    {
        var path = _folder["out/disk." + format.Name];
        var exported = await _store.ExportImageAsync(_layer, path, format, overwrite: true);
        Assert.True(exported.Value is not null, $"{format.Name}: {exported.Fault}");
        var compared = await Tool.RunAsync(
            "qemu-img",
            ["compare", "-f", "raw", "-F", format.Driver, _folder["disk"], path]
        );
        Assert.Equal("Images are identical.", compared.Output.Trim());
        // Found out from the file: also the fixed VHD, which begins like a raw image.
        var again = new ImageImport(new(Guid.NewGuid()), "again", path);
        var imported = await _store.ImportImageAsync(again, TimeProvider.System);
        Assert.True(imported.Value is not null, $"{format.Name}: {imported.Fault}");
        Assert.Equal(
            (format.Driver, manifest.LengthBytes, manifest.Sha256),
            (imported.Value.SourceFormat, imported.Value.LengthBytes, imported.Value.Sha256)
        );
        _store.DeleteImage(again.Layer);
    }

    [ToolFact("qemu-img")]
    public async Task Vmdk_holds_the_name_that_its_file_has_in_the_end()
    {
        await ImportAsync();
        Assert.Null(await FaultAsync("out/debian.vmdk"));
        var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(_folder["out/debian.vmdk"]));
        Assert.Contains("SPARSE \"debian.vmdk\"", text, StringComparison.Ordinal);
    }

    [ToolFact("qemu-img")]
    public async Task Progress_of_an_export_rises_to_100()
    {
        await ImportAsync();
        var steps = new List<int>();
        await _store.ExportImageAsync(_layer, _folder["out/x"], ExportFormat.All[0], progress: new Told(steps.Add));
        Assert.Equal(steps.Order(), steps);
        Assert.Equal(100, steps[^1]);
    }

    [ToolFact("qemu-img")]
    public async Task A_file_is_replaced_only_by_force()
    {
        await ImportAsync();
        await File.WriteAllTextAsync(_folder["out/x.raw"], "precious");
        Assert.Equal(StoreFaultKind.Exists, (await FaultAsync("out/x.raw"))!.Kind);
        Assert.Equal("precious", await File.ReadAllTextAsync(_folder["out/x.raw"]));
        Assert.Null(await FaultAsync("out/x.raw", overwrite: true));
        Assert.Equal(DiskBytes, new FileInfo(_folder["out/x.raw"]).Length);
        AssertOnly("x.raw");
    }

    [ToolFact("qemu-img")]
    public async Task A_damaged_image_is_not_exported_and_the_old_file_stays()
    {
        await ImportAsync();
        await File.WriteAllTextAsync(_folder["out/x.raw"], "precious");
        using (var disk = File.OpenWrite(_folder[$"store/images/{_layer}/disk.raw"]))
        {
            disk.Position = DiskBytes - 1;
            disk.WriteByte(0xa5);
        }
        Assert.Equal(StoreFaultKind.Damaged, (await FaultAsync("out/x.raw", overwrite: true))!.Kind);
        Assert.Equal("precious", await File.ReadAllTextAsync(_folder["out/x.raw"]));
        AssertOnly("x.raw");
    }

    [ToolFact("qemu-img")]
    public async Task An_export_goes_only_where_a_file_can_be()
    {
        await ImportAsync();
        Assert.Equal(StoreFaultKind.Refused, (await FaultAsync("out"))!.Kind);
        Assert.Equal(StoreFaultKind.Missing, (await FaultAsync("nowhere/x"))!.Kind);
        Assert.Equal(
            StoreFaultKind.Refused,
            (await FaultAsync($"store/images/{_layer}/disk.raw", overwrite: true))!.Kind
        );
        Assert.Null(await _store.VerifyImageAsync(_layer));
        // A file system without a free byte.
        var full = await _store.ExportImageAsync(_layer, "/proc/x.raw", ExportFormat.All[0]);
        Assert.Equal(StoreFaultKind.NoSpace, full.Fault!.Kind);
        Assert.Equal(
            StoreFaultKind.Missing,
            (await _store.ExportImageAsync(new(Guid.NewGuid()), _folder["out/x"], ExportFormat.All[0])).Fault!.Kind
        );
        AssertOnly();
    }

    [Fact]
    public void A_files_ending_says_its_format()
    {
        Assert.Equal("vhdx", ExportFormat.OfFile("/a/b.VHDX").Name);
        Assert.Equal("vhd", ExportFormat.OfFile("/a/b.vhd").Name);
        Assert.Equal("raw", ExportFormat.OfFile("/a/b.img").Name);
    }

    [Fact]
    public void What_is_no_footer_of_a_fixed_vhd_is_not_taken_for_one()
    {
        var footer = new byte[VhdFooter.Bytes];
        for (var i = 0; i < 1000; i++)
        {
            _random.NextBytes(footer);
            "conectix"u8.CopyTo(footer);
            // Its disk type, fixed; the checksum is not.
            byte[] type = [0, 0, 0, 2, 0, 0, 0, 0];
            type.CopyTo(footer, 60);
            Assert.False(VhdFooter.IsOfFixedDisk(footer));
            Assert.False(VhdFooter.IsOfFixedDisk(footer.AsSpan(.._random.Next(footer.Length))));
        }
    }

    private async Task<ImageManifest> ImportAsync() =>
        (await _store.ImportImageAsync(new(_layer, "a disk", _folder["disk"], "raw"), TimeProvider.System)).Value!;

    private async Task<StoreFault?> FaultAsync(string file, bool overwrite = false) =>
        (await _store.ExportImageAsync(_layer, _folder[file], ExportFormat.OfFile(file), overwrite)).Fault;

    private void AssertOnly(params string[] names) =>
        Assert.Equal(names, Directory.EnumerateFileSystemEntries(_folder["out"]).Select(Path.GetFileName));

    private static void Scatter(string path, Random random)
    {
        using var file = File.Create(path);
        file.SetLength(DiskBytes);
        for (var i = 0; i < 40; i++)
        {
            var piece = new byte[random.Next(1, 100_000)];
            random.NextBytes(piece);
            file.Position = random.NextInt64(DiskBytes - piece.Length + 1);
            file.Write(piece);
        }
        // The last sector, which rounding would lose.
        file.Position = DiskBytes - 1;
        file.WriteByte(1);
    }

    private sealed class Told(Action<int> told) : IProgress<int>
    {
        public void Report(int value) => told(value);
    }
}
