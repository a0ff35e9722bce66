using System.Buffers.Binary;
using System.Text;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

/// <summary>Image files that somebody made to reach what is not theirs, or that were cut off or damaged on the way.</summary>
public sealed class HostileImageTests : IDisposable
{
    private const string Secret = "the-secret-of-another-file";

    private readonly TempFolder _folder = new();
    private readonly Store _store;
    private readonly ITestOutputHelper _output;
    private readonly byte[] _disk = new byte[(6 << 20) + (3 * 512)];

    public HostileImageTests(ITestOutputHelper output)
    {
        _output = output;
        _store = Store.Open(_folder["store"]).Value!;
        Directory.CreateDirectory(_folder["elsewhere"]);
        File.WriteAllText(_folder["elsewhere/secret"], Secret + new string('x', 1 << 20));
        new Random(7).NextBytes(_disk.AsSpan(1 << 20, 4 << 20));
        _disk[^1] = 1;
        File.WriteAllBytes(_folder["disk"], _disk);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [ToolFact("qemu-img")]
    public async Task Chains_of_files_are_refused_in_every_format_that_has_them()
    {
        foreach (var format in (string[])["qcow2", "qcow", "qed", "vmdk"])
        {
            await QemuImgAsync("convert", "-O", format is "vmdk" ? "vmdk" : "raw", _folder["disk"], _folder["base"]);
            var backing = format is "vmdk" ? "vmdk" : "raw";
            await QemuImgAsync(
                "create",
                "-q",
                "-f",
                format,
                "-b",
                _folder["base"],
                "-F",
                backing,
                _folder["chain." + format]
            );
            Assert.Contains(
                "another file",
                (await RefusedAsync("chain." + format, null)).Detail,
                StringComparison.Ordinal
            );
            Assert.Contains(
                "another file",
                (await RefusedAsync("chain." + format, format)).Detail,
                StringComparison.Ordinal
            );
        }
        await File.WriteAllBytesAsync(_folder["differencing.vhd"], Vhd(type: 4));
        Assert.Contains(
            "another file",
            (await RefusedAsync("differencing.vhd", null)).Detail,
            StringComparison.Ordinal
        );
    }

    [ToolFact("qemu-img")]
    public async Task A_vmdk_that_names_files_of_the_host_is_refused_as_a_text_and_in_its_binary_form()
    {
        var text = $"""
            # Disk DescriptorFile
            version=1
            CID=12345678
            parentCID=ffffffff
            createType="monolithicFlat"
            RW 2048 FLAT "{_folder["elsewhere/secret"]}" 0
            """;
        await File.WriteAllTextAsync(_folder["text.vmdk"], text);
        Assert.Contains("another file", (await RefusedAsync("text.vmdk", null)).Detail, StringComparison.Ordinal);
        Assert.Contains("another file", (await RefusedAsync("text.vmdk", "vmdk")).Detail, StringComparison.Ordinal);
        // Blank lines before it: no longer found out, and not taken for what it is said to be.
        await File.WriteAllTextAsync(_folder["blank.vmdk"], "\n\n" + text);
        await RefusedAsync("blank.vmdk", null);
        await RefusedAsync("blank.vmdk", "vmdk");
        // A header of no capacity sends its reader to the text behind it.
        var header = new byte[64 << 10];
        "KDMV"u8.CopyTo(header);
        header[4] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(28), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(36), 20);
        Encoding.ASCII.GetBytes(text).CopyTo(header, 512);
        await File.WriteAllBytesAsync(_folder["header.vmdk"], header);
        Assert.Contains("another file", (await RefusedAsync("header.vmdk", null)).Detail, StringComparison.Ordinal);
    }

    [ToolFact("qemu-img")]
    public async Task Encrypted_and_packed_files_are_refused_and_say_what_they_are()
    {
        await QemuImgAsync(
            "create",
            "-q",
            "--object",
            "secret,id=s,data=abc",
            "-f",
            "qcow2",
            "-o",
            "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10",
            _folder["luks.qcow2"],
            "1M"
        );
        Assert.Equal("it is encrypted", (await RefusedAsync("luks.qcow2", null)).Detail);
        (string Name, byte[] Magic, string Says)[] packed =
        [
            ("a.gz", [0x1f, 0x8b, 8], "gzip"),
            ("a.xz", [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "xz"),
            ("a.zst", [0x28, 0xb5, 0x2f, 0xfd], "zstd"),
            ("a.bz2", "BZh9"u8.ToArray(), "bzip2"),
            ("a.zip", "PK\x03\x04"u8.ToArray(), "zip"),
            ("a.luks", [(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xba, 0xbe], "encrypted"),
        ];
        foreach (var (name, magic, says) in packed)
        {
            await File.WriteAllBytesAsync(_folder[name], [.. magic, .. new byte[4096 - magic.Length]]);
            Assert.Contains(says, (await RefusedAsync(name, null)).Detail, StringComparison.Ordinal);
            Assert.Null((await ImportAsync(name, "raw")).Fault);
            foreach (var image in _store.ListImages())
                _store.DeleteImage(image.Layer);
        }
    }

    [ToolFact("qemu-img")]
    public async Task Headers_that_ask_for_the_impossible_are_refused_in_one_line_and_little_memory()
    {
        await QemuImgAsync("convert", "-O", "qcow2", _folder["disk"], _folder["good.qcow2"]);
        var good = await File.ReadAllBytesAsync(_folder["good.qcow2"]);
        (string Name, Action<byte[]> Break)[] lies =
        [
            ("giant L1", b => BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(36), uint.MaxValue)),
            ("L1 beyond the end", b => BinaryPrimitives.WriteUInt64BigEndian(b.AsSpan(40), 1UL << 40)),
            ("size of 2^63", b => BinaryPrimitives.WriteUInt64BigEndian(b.AsSpan(24), 1UL << 63)),
            ("size of 8 EiB less 512", b => BinaryPrimitives.WriteUInt64BigEndian(b.AsSpan(24), long.MaxValue - 511)),
            ("giant reference table", b => BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(56), uint.MaxValue)),
            ("a million snapshots", b => BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(60), 1 << 20)),
            ("clusters of 2 GiB", b => BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(20), 31)),
            ("unknown features", b => BinaryPrimitives.WriteUInt64BigEndian(b.AsSpan(72), 1UL << 40)),
            ("marked as corrupt", b => BinaryPrimitives.WriteUInt64BigEndian(b.AsSpan(72), 2)),
        ];
        foreach (var (name, @break) in lies)
        {
            var bytes = good.ToArray();
            @break(bytes);
            await File.WriteAllBytesAsync(_folder["lie.qcow2"], bytes);
            var fault = await RefusedAsync("lie.qcow2", null);
            _output.WriteLine($"{name}: {fault}");
            Assert.DoesNotContain('\n', fault.ToString());
        }
        await File.WriteAllBytesAsync(_folder["unknown.vhd"], Vhd(type: 9));
        await RefusedAsync("unknown.vhd", null);
    }

    [ToolFact("qemu-img")]
    public async Task A_small_file_that_unfolds_to_more_than_the_store_holds_is_refused()
    {
        // Every entry of its table is the same 2 MiB of the file: as much data as one likes, out of nothing.
        var (header, footer) = (Vhd(type: 3), Vhd(type: 3)[..512]);
        var blocks = (int)(2_000_000_000_000 / (2 << 20));
        BinaryPrimitives.WriteUInt64BigEndian(footer.AsSpan(40), (ulong)blocks << 21);
        BinaryPrimitives.WriteUInt64BigEndian(footer.AsSpan(48), (ulong)blocks << 21);
        SetChecksum(footer, 64);
        footer.CopyTo(header, 0);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(512 + 28), (uint)blocks);
        SetChecksum(header.AsSpan(512, 1024), 36);
        var table = new byte[(blocks * 4) + 511 & ~511];
        for (var i = 0; i < blocks; i++)
            BinaryPrimitives.WriteUInt32BigEndian(table.AsSpan(i * 4), (uint)((1536 + table.Length) / 512));
        await using (var file = File.Create(_folder["bomb.vhd"]))
        {
            file.Write(header.AsSpan(0, 1536));
            file.Write(table);
            file.Write([.. Enumerable.Repeat((byte)0xff, 512)]);
            file.Write(new byte[2 << 20]);
            file.Write(footer);
        }
        var fault = await FaultAsync("bomb.vhd", null);
        _output.WriteLine(fault.ToString());
        Assert.Contains(fault.Kind, (StoreFaultKind[])[StoreFaultKind.NoSpace, StoreFaultKind.Refused]);
    }

    [ToolFact("qemu-img")]
    public async Task Whatever_is_cut_off_is_refused_or_has_every_byte()
    {
        var random = Seed.New(_output);
        foreach (var (name, driver, bytes) in await FormatsAsync())
        {
            // At the boundaries where a program may stop, and anywhere.
            long[] ends =
            [
                0,
                1,
                511,
                512,
                1024,
                64 << 10,
                // Within the tables of a qcow2, and within its last cluster: what lies beyond the end would read as zeroes.
                (2 << 16) + 1,
                (3 << 16) + 4,
                (4 << 16) + 1,
                bytes.Length - (64 << 10) + 1,
                bytes.Length / 2,
                bytes.Length - 4096,
                bytes.Length - 513,
                bytes.Length - 512,
                bytes.Length - 1,
                .. Enumerable.Range(0, 6).Select(_ => random.NextInt64(bytes.Length)),
            ];
            foreach (var end in ends.Where(e => e >= 0 && e < bytes.Length))
            {
                await File.WriteAllBytesAsync(_folder["cut." + name], bytes[..(int)end]);
                foreach (var format in (string?[])[null, driver])
                {
                    var outcome = await ImportAsync("cut." + name, format);
                    if (outcome.Value is { } image)
                        Assert.True(
                            await IsWholeAsync(image),
                            $"{name} cut at {end} of {bytes.Length}, as {format}: taken"
                        );
                    else
                        Assert.DoesNotContain('\n', outcome.Fault!.ToString());
                    await AssertNothingOutsideAsync();
                }
            }
        }
    }

    [ToolFact("qemu-img")]
    public async Task Flipped_bits_never_reach_another_file_nor_leave_half_an_image()
    {
        var random = Seed.New(_output);
        foreach (var (name, driver, bytes) in await FormatsAsync())
            for (var run = 0; run < 12; run++)
            {
                var damaged = bytes.ToArray();
                var reach = run % 3 == 0 ? damaged.Length : Math.Min(damaged.Length, run % 3 == 1 ? 1024 : 8192);
                for (var flips = random.Next(1, 12); flips > 0; flips--)
                    damaged[random.Next(reach)] ^= (byte)(1 << random.Next(8));
                await File.WriteAllBytesAsync(_folder["flipped." + name], damaged);
                var outcome = await ImportAsync("flipped." + name, run % 2 == 0 ? null : driver);
                if (outcome.Fault is { } fault)
                    Assert.DoesNotContain('\n', fault.ToString());
                await AssertNothingOutsideAsync();
            }
    }

    [Fact]
    public void Looking_at_any_bytes_never_fails()
    {
        var random = Seed.New(_output);
        byte[][] heads =
        [
            .. ((string[])["QFI\xfb", "QED\0", "KDMV", "COWD", "vhdxfile", "conectix", "WithoutFreeSpace"]).Select(
                Encoding.Latin1.GetBytes
            ),
        ];
        for (var i = 0; i < 20_000; i++)
        {
            var head = new byte[random.Next(513)];
            random.NextBytes(head);
            var magic = heads[random.Next(heads.Length)];
            magic.AsSpan(0, Math.Min(magic.Length, head.Length)).CopyTo(head);
            var tail = random.Next(2) == 0 ? [] : head;
            foreach (var format in (string?[])[null, "raw", "qcow2", "qed", "vmdk", "vpc", "vhd", "no such format"])
            {
                var (found, refusal) = ImageProbe.Look("/a/b.img", format, head, tail);
                Assert.True(found is null != (refusal is null));
            }
        }
    }

    [ToolFact("qemu-img")]
    public async Task A_child_that_takes_too_much_is_ended()
    {
        var limits = new ProcessLimits(1L << 30, 1 << 20, 64, TimeSpan.FromSeconds(30));
        // More memory than it may have, a longer file than it may write, more files than it may open.
        Assert.NotEqual(
            0,
            (await BoundedProcess.RunAsync("python3", ["-c", "x = bytearray(2 << 30)"], limits, null, default)).ExitCode
        );
        var (code, _, _) = await BoundedProcess.RunAsync(
            "dd",
            ["if=/dev/zero", $"of={_folder["long"]}", "bs=1M", "count=8"],
            limits,
            null,
            default
        );
        Assert.NotEqual(0, code);
        Assert.True(new FileInfo(_folder["long"]).Length <= 1 << 20);
        var (open, _, _) = await BoundedProcess.RunAsync(
            "python3",
            ["-c", "f = [open('/dev/null') for _ in range(100)]"],
            limits,
            null,
            default
        );
        Assert.NotEqual(0, open);
        await Assert.ThrowsAsync<TimeoutException>(() =>
            BoundedProcess.RunAsync("sleep", ["60"], limits with { Wall = TimeSpan.FromSeconds(1) }, null, default)
        );
    }

    private async Task<(string Name, string Driver, byte[] Bytes)[]> FormatsAsync()
    {
        (string, string, string[])[] kinds =
        [
            ("qcow2", "qcow2", []),
            ("packed.qcow2", "qcow2", ["-c"]),
            ("vhd", "vpc", ["-o", "subformat=fixed,force_size=on"]),
            ("dynamic.vhd", "vpc", ["-o", "subformat=dynamic,force_size=on"]),
            ("vhdx", "vhdx", ["-o", "block_size=1M,log_size=1M"]),
            ("vmdk", "vmdk", []),
            ("stream.vmdk", "vmdk", ["-o", "subformat=streamOptimized"]),
        ];
        var made = new List<(string, string, byte[])>();
        foreach (var (name, driver, options) in kinds)
        {
            await QemuImgAsync(["convert", "-f", "raw", "-O", driver, .. options, _folder["disk"], _folder[name]]);
            made.Add((name, driver, await File.ReadAllBytesAsync(_folder[name])));
        }
        return [.. made];
    }

    private async Task<bool> IsWholeAsync(ImageManifest image)
    {
        var taken = await File.ReadAllBytesAsync(_folder[$"store/images/{image.Layer}/disk.raw"]);
        return taken.AsSpan().SequenceEqual(_disk);
    }

    /// <summary>What was imported holds nothing of another file, and nothing lies where nothing lay; then all of it is deleted.</summary>
    private async Task AssertNothingOutsideAsync()
    {
        foreach (var image in _store.ListImages())
        {
            var disk = await File.ReadAllBytesAsync(_folder[$"store/images/{image.Layer}/disk.raw"]);
            Assert.True(
                disk.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Secret)) < 0,
                "another file's bytes are in the image"
            );
            Assert.Null(_store.DeleteImage(image.Layer));
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/tmp"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/images"]));
        Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(_folder["elsewhere"]).Select(Path.GetFileName));
    }

    private Task<StoreOutcome<ImageManifest>> ImportAsync(string name, string? format) =>
        _store.ImportImageAsync(new(new(Guid.NewGuid()), "a disk", _folder[name], format), TimeProvider.System);

    private async Task<StoreFault> FaultAsync(string name, string? format)
    {
        var outcome = await ImportAsync(name, format);
        Assert.True(outcome.Fault is not null, $"{name} as {format}: taken");
        await AssertNothingOutsideAsync();
        return outcome.Fault;
    }

    private async Task<StoreFault> RefusedAsync(string name, string? format)
    {
        var fault = await FaultAsync(name, format);
        Assert.True(fault.Kind == StoreFaultKind.Refused, fault.ToString());
        return fault;
    }

    /// <summary>A dynamic VHD of 2 MiB without a block, by the specification: footer copy, header, and a table behind them.</summary>
    private static byte[] Vhd(uint type)
    {
        var file = new byte[1536 + 512 + 512];
        var footer = file.AsSpan(0, 512);
        "conectix"u8.CopyTo(footer);
        BinaryPrimitives.WriteUInt32BigEndian(footer[8..], 2);
        BinaryPrimitives.WriteUInt32BigEndian(footer[12..], 0x10000);
        BinaryPrimitives.WriteUInt64BigEndian(footer[16..], 512);
        "qem2"u8.CopyTo(footer[28..]);
        BinaryPrimitives.WriteUInt64BigEndian(footer[40..], 2 << 20);
        BinaryPrimitives.WriteUInt64BigEndian(footer[48..], 2 << 20);
        BinaryPrimitives.WriteUInt32BigEndian(footer[56..], (60 << 16) | (4 << 8) | 17);
        BinaryPrimitives.WriteUInt32BigEndian(footer[60..], type);
        SetChecksum(footer, 64);
        var header = file.AsSpan(512, 1024);
        "cxsparse"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt64BigEndian(header[8..], ulong.MaxValue);
        BinaryPrimitives.WriteUInt64BigEndian(header[16..], 1536);
        BinaryPrimitives.WriteUInt32BigEndian(header[24..], 0x10000);
        BinaryPrimitives.WriteUInt32BigEndian(header[28..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(header[32..], 2 << 20);
        SetChecksum(header, 36);
        file.AsSpan(1536, 512).Fill(0xff);
        footer.CopyTo(file.AsSpan(2048));
        return file;
    }

    private static void SetChecksum(Span<byte> part, int at)
    {
        part.Slice(at, 4).Clear();
        var sum = 0u;
        foreach (var value in part)
            sum += value;
        BinaryPrimitives.WriteUInt32BigEndian(part[at..], ~sum);
    }

    private static async Task QemuImgAsync(params string[] arguments)
    {
        var result = await Tool.RunAsync("qemu-img", arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
    }
}
