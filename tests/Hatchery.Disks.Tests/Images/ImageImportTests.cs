using System.Security.Cryptography;
using System.Text;
using Hatchery.Testing;

namespace Hatchery.Disks.Tests;

public sealed class ImageImportTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LayerId _layer = new(Guid.NewGuid());
    private readonly Store _store;
    private readonly byte[] _disk = new byte[(3 << 20) + 1536];

    public ImageImportTests()
    {
        _store = Store.Open(_folder["store"]).Value!;
        new Random(4).NextBytes(_disk.AsSpan(1 << 20, 1 << 20));
        File.WriteAllBytes(_folder["disk"], _disk);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [ToolFact("qemu-img")]
    public async Task A_raw_image_is_kept_byte_for_byte_with_its_hash()
    {
        var manifest = (await ImportAsync("disk", "raw")).Value!;
        Assert.Equal(_disk.Length, manifest.LengthBytes);
        Assert.Equal(HashOf(_disk), manifest.Sha256);
        Assert.Null(await _store.VerifyImageAsync(_layer));
        Assert.Equal(manifest.Name, Assert.Single(_store.ListImages()).Name);
        using var image = _store.OpenImage(_layer).Value!;
        var read = new byte[image.LengthBytes];
        Assert.Equal(DiskStatus.Ok, image.Read(0, read));
        Assert.Equal(_disk, read);
    }

    [ToolFact("qemu-img")]
    public async Task Formats_of_qemu_img_are_converted_and_progress_rises_to_100()
    {
        await QemuImgAsync("convert", "-f", "raw", "-O", "qcow2", "-c", _folder["disk"], _folder["disk.qcow2"]);
        var steps = new List<int>();
        var outcome = await ImportAsync("disk.qcow2", null, new Steps(steps));
        Assert.Equal("qcow2", outcome.Value!.SourceFormat);
        Assert.Equal(HashOf(_disk), outcome.Value.Sha256);
        Assert.Equal(steps.Order(), steps);
        Assert.Equal(100, steps[^1]);
    }

    [ToolFact("qemu-img")]
    public async Task Kernel_and_initrd_lie_beside_the_image_and_are_verified_with_it()
    {
        await File.WriteAllTextAsync(_folder["vmlinuz"], "a kernel");
        await File.WriteAllTextAsync(_folder["initrd.img"], "an initrd");
        var import = new ImageImport(
            _layer,
            "with boot files",
            _folder["disk"],
            "raw",
            _folder["vmlinuz"],
            _folder["initrd.img"]
        );
        var manifest = (await _store.ImportImageAsync(import, TimeProvider.System)).Value!;
        Assert.Equal(8, manifest.Companions["kernel"].LengthBytes);
        var steps = new List<int>();
        Assert.Null(await _store.VerifyImageAsync(_layer, new Steps(steps)));
        Assert.Equal(steps.Order(), steps);
        Assert.Equal((0, 100), (steps[0], steps[^1]));
        var kernel = _store.CompanionPath(_layer, ImageCompanion.Kernel)!;
        Assert.Equal("a kernel", await File.ReadAllTextAsync(kernel));
        await File.WriteAllTextAsync(kernel, "A kernel");
        Assert.Equal(StoreFaultKind.Damaged, (await _store.VerifyImageAsync(_layer))!.Kind);
    }

    [ToolFact("qemu-img")]
    public async Task An_image_that_refers_to_another_file_is_refused()
    {
        await QemuImgAsync("create", "-q", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", _folder["backed.qcow2"]);
        await QemuImgAsync(
            "create",
            "-q",
            "-f",
            "qcow2",
            "-o",
            $"data_file={_folder["data"]},data_file_raw=on",
            _folder["apart.qcow2"],
            "1M"
        );
        await File.WriteAllTextAsync(
            _folder["flat.vmdk"],
            """
            # Disk DescriptorFile
            version=1
            CID=12345678
            parentCID=ffffffff
            createType="monolithicFlat"
            RW 4 FLAT "/etc/passwd" 0
            """
        );
        foreach (var name in (string[])["backed.qcow2", "apart.qcow2", "flat.vmdk"])
            await RefusedAsync(name, null, StoreFaultKind.Refused);
    }

    [ToolFact("qemu-img")]
    public async Task A_raw_disk_that_looks_like_another_format_is_raw_when_it_is_said_to_be()
    {
        await QemuImgAsync("create", "-q", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", _folder["evil"]);
        var manifest = (await ImportAsync("evil", "raw")).Value!;
        Assert.InRange(manifest.LengthBytes - new FileInfo(_folder["evil"]).Length, 0, 511);
        using var image = _store.OpenImage(_layer).Value!;
        var start = new byte[512];
        Assert.Equal(DiskStatus.Ok, image.Read(0, start));
        Assert.True(start.AsSpan().StartsWith("QFI"u8));
    }

    [ToolFact("qemu-img")]
    public async Task What_cannot_be_imported_leaves_nothing()
    {
        await RefusedAsync("not-there", null, StoreFaultKind.Missing);
        await File.WriteAllBytesAsync(
            _folder["broken.qcow2"],
            Encoding.Latin1.GetBytes("QFI\xfb\0\0\0\x03" + new string('\xff', 200))
        );
        await RefusedAsync("broken.qcow2", "qcow2", StoreFaultKind.Refused);
        await File.WriteAllBytesAsync(_folder["empty"], []);
        await RefusedAsync("empty", "raw", StoreFaultKind.Refused);
        await RefusedAsync("disk", "vhdx", StoreFaultKind.Refused);
    }

    [ToolFact("qemu-img")]
    public async Task Damaged_qcow2_files_are_refused_or_imported_but_never_half()
    {
        await QemuImgAsync("convert", "-f", "raw", "-O", "qcow2", _folder["disk"], _folder["disk.qcow2"]);
        var whole = await File.ReadAllBytesAsync(_folder["disk.qcow2"]);
        var random = new Random(5);
        for (var i = 0; i < 10; i++)
        {
            var damaged = whole.ToArray();
            for (var flips = 0; flips < 8; flips++)
                damaged[random.Next(i % 2 == 0 ? 112 : damaged.Length)] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(_folder["damaged"], damaged);
            var outcome = await ImportAsync("damaged", "qcow2");
            Assert.Equal(outcome.Value is null ? 0 : 1, _store.ListImages().Count);
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/tmp"]));
            Assert.Null(_store.DeleteImage(_layer));
        }
    }

    [ToolFact("qemu-img")]
    public async Task An_image_is_not_imported_over_another()
    {
        Assert.Null((await ImportAsync("disk", "raw")).Fault);
        Assert.Equal(StoreFaultKind.Exists, (await ImportAsync("disk", "raw")).Fault!.Kind);
        Assert.Null(await _store.VerifyImageAsync(_layer));
    }

    [ToolFact("qemu-img")]
    public async Task An_image_of_another_length_than_its_manifest_says_is_not_opened()
    {
        await ImportAsync("disk", "raw");
        using (var file = File.OpenWrite(_folder[$"store/images/{_layer}/disk.raw"]))
            file.SetLength(1 << 20);
        Assert.Equal(StoreFaultKind.Damaged, _store.OpenImage(_layer).Fault!.Kind);
    }

    private Task<StoreOutcome<ImageManifest>> ImportAsync(
        string name,
        string? format,
        IProgress<int>? progress = null
    ) => _store.ImportImageAsync(new(_layer, "a disk", _folder[name], format), TimeProvider.System, progress);

    /// <summary>The hash of the hashes of each 4 MiB.</summary>
    private static string HashOf(byte[] disk) =>
        Convert.ToHexStringLower(SHA256.HashData([.. disk.Chunk(4 << 20).SelectMany(SHA256.HashData)]));

    private async Task RefusedAsync(string name, string? format, StoreFaultKind kind)
    {
        var outcome = await ImportAsync(name, format);
        Assert.True(outcome.Fault?.Kind == kind, $"{name}: {outcome.Fault}");
        AssertNothingLeft();
    }

    private void AssertNothingLeft()
    {
        Assert.Empty(_store.ListImages());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/images"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/tmp"]));
    }

    private static async Task QemuImgAsync(params string[] arguments)
    {
        var result = await Tool.RunAsync("qemu-img", arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
    }

    private sealed class Steps(List<int> steps) : IProgress<int>
    {
        public void Report(int value) => steps.Add(value);
    }
}
