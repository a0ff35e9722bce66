using System.Text.Json;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

/// <summary>Imports and exports that are interrupted, and what becomes of them.</summary>
public sealed class ImageTransferTests : IDisposable
{
    // Five slices, the last of them short.
    private const long DiskBytes = (4L * (256 << 20)) + (5 << 20) + 512;

    private readonly TempFolder _folder = new();
    private readonly Random _random;
    private readonly List<string> _notices = [];
    private Store _store;

    public ImageTransferTests(ITestOutputHelper output)
    {
        _random = Seed.New(output);
        _store = Store.Open(_folder["store"]).Value!;
        Directory.CreateDirectory(_folder["out"]);
        using var disk = File.Create(_folder["disk"]);
        disk.SetLength(DiskBytes);
        var piece = new byte[1 << 20];
        for (var at = 0L; at < DiskBytes; at += 128 << 20)
        {
            _random.NextBytes(piece);
            disk.Position = Math.Min(at + _random.Next(64 << 20), DiskBytes - piece.Length);
            disk.Write(piece);
        }
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [ToolFact("qemu-img")]
    public async Task An_interrupted_import_continues_at_the_next_start_of_the_server()
    {
        var whole = (await ImportAsync("whole")).Value!;
        await InterruptImportAsync(50);
        Assert.Empty(_notices);
        Reopen();
        var waiting = Assert.Single(_store.ListTransfers());
        Assert.Equal(
            ("disk", _folder["disk"], ImageTransferKind.Import, false),
            (waiting.Name, waiting.Path, waiting.Kind, waiting.IsRunning)
        );
        Assert.InRange(waiting.Percent, 35, 65);

        var steps = new List<int>();
        var imported = await ImportAsync("disk", new Told(steps.Add));
        Assert.Equal(whole.Sha256, imported.Value!.Sha256);
        Assert.Contains("has not changed since", Assert.Single(_notices), StringComparison.Ordinal);
        // What was done is not done again.
        Assert.InRange(steps[0], 35, 65);
        Assert.Equal(steps.Order(), steps);
        Assert.Null(await _store.VerifyImageAsync(imported.Value.Layer));
        AssertNothingLeft();
    }

    [ToolFact("qemu-img")]
    public async Task An_import_whose_source_changed_starts_over_and_says_so()
    {
        await InterruptImportAsync(50);
        using (var disk = File.OpenWrite(_folder["disk"]))
            disk.Write("changed"u8);
        // Its time put back: what cannot be put back tells.
        File.SetLastWriteTimeUtc(_folder["disk"], File.GetLastWriteTimeUtc(_folder["disk"]).AddHours(-1));
        var imported = await ImportAsync("disk");
        Assert.StartsWith("starts over:", Assert.Single(_notices), StringComparison.Ordinal);
        using var image = _store.OpenImage(imported.Value!.Layer).Value!;
        var start = new byte[7];
        Assert.Equal(DiskStatus.Ok, image.Read(0, start));
        Assert.Equal("changed"u8, start);
    }

    [ToolFact("qemu-img")]
    public async Task A_source_that_changes_while_it_is_imported_is_no_image()
    {
        var written = false;
        var outcome = await ImportAsync(
            "disk",
            new Told(percent =>
            {
                if (percent < 50 || written)
                    return;
                written = true;
                using var disk = File.OpenWrite(_folder["disk"]);
                disk.Write("changed"u8);
            })
        );
        Assert.Contains("changed while", outcome.Fault!.Detail, StringComparison.Ordinal);
        Assert.Empty(_store.ListImages());
        AssertNothingLeft();
    }

    [ToolFact("qemu-img")]
    public async Task A_torn_record_of_progress_is_not_believed()
    {
        var whole = (await ImportAsync("whole")).Value!;
        await InterruptImportAsync(50);
        var chunks = Directory.EnumerateFiles(_folder["store/tmp"], "chunks", SearchOption.AllDirectories).Single();
        // As a power loss may leave a file that grew: longer, with nothing in it.
        using (var file = File.OpenWrite(chunks))
            file.SetLength(ImageChunks.CountOf(DiskBytes) * ImageChunks.HashBytes);
        Assert.Equal(whole.Sha256, (await ImportAsync("disk")).Value!.Sha256);
    }

    [ToolFact("qemu-img")]
    public async Task An_interrupted_export_continues_in_every_format()
    {
        var layer = (await ImportAsync("disk")).Value!.Layer;
        foreach (var format in ExportFormat.All)
        {
            _notices.Clear();
            var path = _folder["out/disk." + format.Name];
            using (var interrupted = new CancellationTokenSource())
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                    ExportAsync(layer, path, format, Cancels(interrupted, _random.Next(20, 90)), interrupted.Token)
                );
            Assert.False(File.Exists(path));
            Reopen();
            var steps = new List<int>();
            var exported = await ExportAsync(layer, path, format, new Told(steps.Add));
            Assert.True(exported.Value is not null, $"{format.Name}: {exported.Fault}");
            Assert.Contains("continues at", Assert.Single(_notices), StringComparison.Ordinal);
            Assert.Equal(steps.Order(), steps);
            var compared = await Tool.RunAsync(
                "qemu-img",
                ["compare", "-f", "raw", "-F", format.Driver, _folder["disk"], path]
            );
            Assert.Equal("Images are identical.", compared.Output.Trim());
            AssertNothingLeft();
        }
    }

    [ToolFact("qemu-img")]
    public async Task An_export_whose_file_was_damaged_meanwhile_is_not_given_out()
    {
        var layer = (await ImportAsync("disk")).Value!.Layer;
        await InterruptExportAsync(layer, _folder["out/x.raw"]);
        using (
            var made = File.OpenWrite(
                Directory.EnumerateFiles(_folder["out"], "x.raw", SearchOption.AllDirectories).Single()
            )
        )
            made.Write("damage"u8);
        var exported = await ExportAsync(layer, _folder["out/x.raw"], ExportFormat.All[0]);
        Assert.NotNull(exported.Fault);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["out"]));
    }

    [ToolFact("qemu-img")]
    public async Task An_export_of_another_image_does_not_continue_with_the_first()
    {
        var one = (await ImportAsync("one")).Value!.Layer;
        await InterruptExportAsync(one, _folder["out/x"]);
        using (var disk = File.OpenWrite(_folder["disk"]))
            disk.Write("another"u8);
        var other = (await ImportAsync("other")).Value!.Layer;
        Assert.Null((await ExportAsync(other, _folder["out/x"], ExportFormat.All[0])).Fault);
        Assert.StartsWith("starts over:", Assert.Single(_notices), StringComparison.Ordinal);
        var compared = await Tool.RunAsync("qemu-img", ["compare", "-f", "raw", _folder["disk"], _folder["out/x"]]);
        Assert.Equal("Images are identical.", compared.Output.Trim());
    }

    [ToolFact("qemu-img")]
    public async Task Cancelled_by_an_operator_it_leaves_nothing_whether_it_runs_or_not()
    {
        var layer = (await ImportAsync("disk")).Value!.Layer;
        await InterruptExportAsync(layer, _folder["out/x"]);
        Assert.Equal(1, await _store.CancelTransfersAsync("disk"));
        AssertNothingLeft();

        Task<int>? cancelling = null;
        var outcome = await ImportAsync("other", new Told(_ => cancelling ??= _store.CancelTransfersAsync("other")));
        Assert.Equal(StoreFaultKind.Cancelled, outcome.Fault!.Kind);
        Assert.Equal(1, await cancelling!);
        AssertNothingLeft();
        Assert.Equal(0, await _store.CancelTransfersAsync("other"));
    }

    [ToolFact("qemu-img")]
    public async Task Of_two_at_once_the_second_is_refused()
    {
        Task<StoreOutcome<ImageManifest>>? second = null;
        var first = await ImportAsync("disk", new Told(_ => second ??= ImportAsync("disk")));
        Assert.Equal(StoreFaultKind.InUse, (await second!).Fault!.Kind);
        Assert.Null(first.Fault);
    }

    [ToolFact("qemu-img")]
    public async Task A_wrong_word_does_not_cost_what_is_done()
    {
        await InterruptImportAsync(50);
        var missing = new ImageImport(new(Guid.NewGuid()), "disk", _folder["dsik"], "raw");
        Assert.Equal(StoreFaultKind.Missing, (await _store.ImportImageAsync(missing, TimeProvider.System)).Fault!.Kind);
        Assert.Single(_store.ListTransfers());
    }

    [ToolFact("qemu-img")]
    public async Task Nobody_comes_back_to_it_and_it_goes_with_all_that_it_left()
    {
        var layer = (await ImportAsync("disk")).Value!.Layer;
        await InterruptExportAsync(layer, _folder["out/x"]);
        await InterruptImportAsync(50, "other");
        Reopen(TimeSpan.Zero);
        AssertNothingLeft();
    }

    [ToolFact("qemu-img")]
    public async Task What_takes_long_is_kept_from_its_last_progress_on()
    {
        await InterruptImportAsync(50);
        var folder = Assert.Single(Directory.GetDirectories(_folder["store/tmp"]));
        var record = Path.Combine(folder, TransferRecord.FileName);
        var old = TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromDays(3);
        File.SetLastWriteTimeUtc(record, old);
        Reopen();
        Assert.Single(_store.ListTransfers());
        foreach (var file in Directory.GetFiles(folder))
            File.SetLastWriteTimeUtc(file, old);
        Reopen();
        AssertNothingLeft();
    }

    [Fact]
    public void A_record_that_names_a_folder_of_somebody_else_deletes_only_itself()
    {
        Directory.CreateDirectory(_folder["store/tmp/abc"]);
        Directory.CreateDirectory(_folder["precious"]);
        var record = new TransferRecord(
            TransferRecord.CurrentVersion,
            ImageTransferKind.Export,
            "x",
            _folder["out/x"],
            "raw",
            "proof",
            1,
            _folder["precious"],
            default
        );
        File.WriteAllBytes(_folder["store/tmp/abc/transfer.json"], record.ToJson());
        Reopen(TimeSpan.Zero);
        Assert.False(Directory.Exists(_folder["store/tmp/abc"]));
        Assert.True(Directory.Exists(_folder["precious"]));
    }

    [ToolFact("qemu-img")]
    public async Task Chunks_say_what_moves_between_servers()
    {
        var manifest = (await ImportAsync("disk")).Value!;
        var chunks = _store.ReadChunks(manifest.Layer).Value!;
        Assert.Equal((manifest.Sha256, DiskBytes), (chunks.Sha256, chunks.LengthBytes));
        Assert.Equal(ImageChunks.CountOf(DiskBytes), chunks.Count);
        // Nine pieces of a megabyte: each in one chunk or two.
        Assert.InRange(Enumerable.Range(0, (int)chunks.Count).Count(c => !chunks.IsZeroes(c)), 9, 20);

        var path = _folder[$"store/images/{manifest.Layer}/chunks"];
        var hashes = await File.ReadAllBytesAsync(path);
        hashes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, hashes);
        Assert.Equal(StoreFaultKind.Damaged, _store.ReadChunks(manifest.Layer).Fault!.Kind);
        Assert.Equal(StoreFaultKind.Damaged, (await _store.VerifyImageAsync(manifest.Layer))!.Kind);
    }

    [ToolFact("qemu-img")]
    public async Task An_image_of_before_there_were_chunks_is_verified_and_exported_by_its_whole_hash()
    {
        var layer = new LayerId(Guid.NewGuid());
        Directory.CreateDirectory(_folder[$"store/images/{layer}"]);
        var disk = new byte[3 << 20];
        _random.NextBytes(disk);
        await File.WriteAllBytesAsync(_folder[$"store/images/{layer}/disk.raw"], disk);
        var json = JsonSerializer.Serialize(
            new
            {
                version = 1,
                layer = layer.ToString(),
                name = "old",
                lengthBytes = disk.Length,
                sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(disk)),
                sourceFormat = "raw",
                importedAt = "2026-01-01T00:00:00+00:00",
                companions = new { },
            }
        );
        await File.WriteAllTextAsync(_folder[$"store/images/{layer}/manifest.json"], json);
        Assert.Null(await _store.VerifyImageAsync(layer));
        Assert.Null((await ExportAsync(layer, _folder["out/old"], ExportFormat.All[0])).Fault);
        Assert.Equal(disk, await File.ReadAllBytesAsync(_folder["out/old"]));
        disk[^1] ^= 1;
        await File.WriteAllBytesAsync(_folder[$"store/images/{layer}/disk.raw"], disk);
        Assert.Equal(StoreFaultKind.Damaged, (await _store.VerifyImageAsync(layer))!.Kind);
    }

    private Task<StoreOutcome<ImageManifest>> ImportAsync(
        string name,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    ) =>
        _store.ImportImageAsync(
            new(new(Guid.NewGuid()), name, _folder["disk"], "raw"),
            TimeProvider.System,
            progress,
            _notices.Add,
            cancellation
        );

    private async Task InterruptImportAsync(int atPercent, string name = "disk")
    {
        using var interrupted = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            ImportAsync(name, Cancels(interrupted, atPercent), interrupted.Token)
        );
    }

    private Task<StoreOutcome<ExportedImage>> ExportAsync(
        LayerId layer,
        string path,
        ExportFormat format,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    ) =>
        _store.ExportImageAsync(
            layer,
            path,
            format,
            progress: progress,
            notice: _notices.Add,
            cancellation: cancellation
        );

    private async Task InterruptExportAsync(LayerId layer, string path)
    {
        using var interrupted = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            ExportAsync(layer, path, ExportFormat.All[0], Cancels(interrupted, 50), interrupted.Token)
        );
        Assert.Single(Directory.EnumerateDirectories(_folder["out"]));
    }

    private void Reopen(TimeSpan? keep = null)
    {
        _store.Dispose();
        _store = Store.Open(_folder["store"], keepInterrupted: keep).Value!;
    }

    private void AssertNothingLeft()
    {
        Assert.Empty(_store.ListTransfers());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/tmp"]));
        Assert.Empty(Directory.EnumerateDirectories(_folder["out"]));
    }

    private static Told Cancels(CancellationTokenSource source, int atPercent) =>
        new(percent =>
        {
            if (percent >= atPercent)
                source.Cancel();
        });

    private sealed class Told(Action<int> told) : IProgress<int>
    {
        public void Report(int value) => told(value);
    }
}
