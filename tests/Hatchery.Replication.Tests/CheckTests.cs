using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Replication.Tests;

/// <summary>Damage at one server of a farm, found by itself or by another, and mended from the others.</summary>
public sealed class CheckTests(ITestOutputHelper output)
{
    private readonly Random _random = Seed.New(output);
    private readonly FarmView _view = new();

    [ToolFact("qemu-img")]
    public async Task A_flipped_bit_at_one_server_is_found_from_another_not_given_out_and_fetched_again()
    {
        await using var a = new Node("a", _view);
        await using var b = new Node("b", _view).Knows(a.AsPeer);
        a.Knows(b.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 3, holes: 1, withKernel: true);
        _view.Add(image);
        await b.HoldsAsync(image.Layer);
        Assert.All(
            await Task.WhenAll(b.FarmChecks.Servers.Select(s => b.FarmChecks.CheckAsync(s, image.Layer))),
            f => Assert.Equal(CheckState.Sound, Assert.Single(f).State)
        );
        Flip(a.DiskOf(image.Layer), ImageChunks.ChunkBytes + 77);
        Flip(a.DiskOf(image.Layer), (3L * ImageChunks.ChunkBytes) + 77);
        Flip(Path.Combine(a.Store.ImagesPath, image.Layer.ToString(), "kernel"), 5);

        var found = Assert.Single(await b.FarmChecks.CheckAsync("a", image.Layer));
        Assert.Equal(
            (CheckState.Damaged, "kernel; 2 chunk(s) of 4 MiB, at byte 4194304, 12582912"),
            (found.State, found.Detail)
        );
        Assert.Single(a.Log.With("is damaged here"));
        Assert.False(a.Store.Holds(image.Layer));
        Assert.Contains("is damaged here", a.Replicator.WhyNotHere(image.Layer), StringComparison.Ordinal);
        await using (var third = new Node("c", _view).Knows(a.AsPeer))
        {
            third.Replicator.Start();
            await Eventually.TrueAsync(() =>
                third.Replicator.StatusHere(image.Layer).Detail?.Contains("does not have it", StringComparison.Ordinal)
                == true
            );
            Assert.Empty(third.Log.With("has a wrong copy"));
        }

        a.Replicator.Start();
        var repaired = await b.FarmChecks.RepairAsync("a", image.Layer, image.Layer);
        Assert.True(repaired.State is CheckState.Repaired or CheckState.Sound, repaired.Detail);
        Assert.True(a.Store.Holds(image.Layer));
        Assert.Null(await a.Store.VerifyImageAsync(image.Layer));
    }

    [ToolFact("qemu-img")]
    public async Task Damage_that_no_other_server_can_mend_stays_said_and_served_to_nobody()
    {
        await using var a = new Node("a", _view);
        var image = await a.ImportAsync(_random, chunks: 2);
        _view.Add(image);
        a.Replicator.Start();
        Flip(a.DiskOf(image.Layer), 77);
        Assert.Equal(CheckState.Damaged, (await a.Checks.CheckAsync(image.Layer))[0].State);
        var repaired = await a.FarmChecks.RepairAsync("a", image.Layer, image.Layer);
        Assert.Equal(CheckState.Damaged, repaired.State);
        Assert.Contains("this server knows no other", repaired.Detail, StringComparison.Ordinal);
        Assert.False(a.Store.Holds(image.Layer));
    }

    [ToolFact("qemu-img")]
    public async Task A_server_that_cannot_be_asked_says_why()
    {
        await using var a = new Node("a", _view).Knows(new Peer("gone", "127.0.0.1", 1));
        var image = await a.ImportAsync(_random, chunks: 1);
        var found = Assert.Single(await a.FarmChecks.CheckAsync("gone", image.Layer));
        Assert.Equal(CheckState.Unknown, found.State);
        Assert.Contains("refused", found.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [ToolFact("qemu-img")]
    public async Task The_scrubber_reads_every_image_when_its_time_has_come_and_what_it_finds_is_mended()
    {
        await using var a = new Node("a", _view);
        await using var b = new Node("b", _view).Knows(a.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 2);
        _view.Add(image);
        await b.HoldsAsync(image.Layer);
        Flip(b.DiskOf(image.Layer), 4711);
        var time = new ManualTime();
        time.Advance(TimeProvider.System.GetUtcNow() - time.GetUtcNow());
        await using var scrubber = new Scrubber(
            b.Store,
            _view,
            b.Checks,
            new(TimeSpan.FromDays(7), BytesPerSecond: 0),
            time,
            b.Log.As<Scrubber>()
        );
        scrubber.Start();
        time.Advance(TimeSpan.FromDays(6));
        Assert.Null(b.Store.CheckedAt(image.Layer));
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromHours(1));
            return b.Store.CheckedAt(image.Layer) is not null;
        });
        await Eventually.TrueAsync(() => b.Store.Holds(image.Layer));
        Assert.Single(b.Log.With("is damaged here"));
        Assert.Null(await b.Store.VerifyImageAsync(image.Layer));
    }

    [Fact]
    public void Findings_are_read_back_and_nothing_else_is_one()
    {
        CheckFinding[] found =
        [
            new(new(Guid.NewGuid()), CheckState.Sound),
            new(new(Guid.NewGuid()), CheckState.Damaged, "x\u001b[31m", new(Guid.NewGuid()), new(Guid.NewGuid())),
        ];
        var bytes = CheckFinding.ToJson(found);
        Assert.Equal([found[1] with { Detail = "x [31m" }, found[0]], CheckFinding.TryRead(bytes));
        for (var run = 0; run < 2000; run++)
        {
            var broken = (byte[])bytes.Clone();
            for (var flips = _random.Next(1, 4); flips > 0; flips--)
                broken[_random.Next(broken.Length)] = (byte)_random.Next(256);
            _ = CheckFinding.TryRead(broken.AsSpan(0, _random.Next(broken.Length + 1)));
        }
        Assert.Null(CheckFinding.TryRead("""[{"image":"x","state":"Sound"}]"""u8));
        Assert.Null(CheckFinding.TryRead("[null]"u8));
    }

    private static void Flip(string path, long at)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0x10));
    }
}
