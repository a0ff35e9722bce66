using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Replication.Tests;

/// <summary>Images that go from store to store over real sockets.</summary>
public sealed class ReplicatorTests(ITestOutputHelper output)
{
    private readonly Random _random = Seed.New(output);
    private readonly FarmView _view = new();

    [ToolFact("qemu-img")]
    public async Task An_image_reaches_every_server_whole_with_its_kernel_and_its_holes()
    {
        await using var a = new Node("a", _view);
        await using var meddler = new Meddler(a.AsPeer);
        await using var b = new Node("b", _view).Knows(meddler.AsPeer);
        await using var c = new Node("c", _view).Knows(b.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 3, holes: 40, withKernel: true);
        Assert.NotNull(b.Replicator.WhyNotHere(image.Layer));
        _view.Add(image);
        // From b, which has it from a.
        await Task.WhenAll(b.HoldsAsync(image.Layer), c.HoldsAsync(image.Layer));

        Assert.Null(await c.Store.VerifyImageAsync(image.Layer));
        Assert.Equal(
            SHA256.HashData(File.ReadAllBytes(a.DiskOf(image.Layer))),
            SHA256.HashData(File.ReadAllBytes(c.DiskOf(image.Layer)))
        );
        Assert.NotNull(c.Store.CompanionPath(image.Layer, ImageCompanion.Initrd));
        Assert.Null(c.Replicator.WhyNotHere(image.Layer));
        Assert.Equal(
            [("c", ReplicaState.Held), ("b", ReplicaState.Held)],
            (await c.Replicator.StatusAsync(image.Layer)).Select(s => (s.Server, s.State))
        );
        // Three chunks, kernel and initrd; of forty chunks of nothing, nothing but their hashes.
        Assert.InRange(meddler.Passed, 5L * ImageChunks.ChunkBytes, (5L * ImageChunks.ChunkBytes) + (1 << 20));
        Assert.True(c.Store.IsReplica(image.Layer) && !a.Store.IsReplica(image.Layer));
    }

    [ToolFact("qemu-img")]
    public async Task A_server_that_dies_in_the_middle_is_replaced_and_nothing_comes_twice()
    {
        await using var a = new Node("a", _view);
        await using var b = new Node("b", _view).Knows(a.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 8);
        _view.Add(image);
        await b.HoldsAsync(image.Layer);
        await using var first = new Meddler(a.AsPeer);
        await using var second = new Meddler(b.AsPeer);
        // Whichever is asked first breaks off; the other has to give the rest.
        first.CutAfter = second.CutAfter = 5L * ImageChunks.ChunkBytes;
        await using var c = new Node("c", _view).Knows(first.AsPeer, second.AsPeer);
        await c.HoldsAsync(image.Layer);
        Assert.Null(await c.Store.VerifyImageAsync(image.Layer));
        Assert.Single(c.Log.With("does not come from"));
        Assert.True(first.Passed > 3L * ImageChunks.ChunkBytes && second.Passed > 3L * ImageChunks.ChunkBytes);
        // What was on the wire when it was cut is lost: the requests that were ahead.
        Assert.InRange(first.Passed + second.Passed, 8L * ImageChunks.ChunkBytes, 12L * ImageChunks.ChunkBytes);
    }

    [ToolFact("qemu-img")]
    public async Task After_a_restart_the_rest_is_fetched()
    {
        await using var a = new Node("a", _view);
        var image = await a.ImportAsync(_random, chunks: 8);
        _view.Add(image);
        await using var meddler = new Meddler(a.AsPeer) { CutAfter = 5L * ImageChunks.ChunkBytes };
        await using var b = new Node("b", _view).Knows(meddler.AsPeer);
        b.Replicator.Start();
        await Eventually.TrueAsync(() => b.Log.With("does not come from").Count > 0);
        await b.RestartAsync();
        var part = Assert.Single(b.Store.ListReplicas());
        Assert.InRange(part.Percent, 25, 75);
        Assert.Contains("not here yet", b.Replicator.WhyNotHere(image.Layer), StringComparison.Ordinal);
        var before = meddler.Passed;
        meddler.CutAfter = long.MaxValue;
        await b.HoldsAsync(image.Layer);
        Assert.InRange(meddler.Passed - before, 1, 6L * ImageChunks.ChunkBytes);
        Assert.Null(await b.Store.VerifyImageAsync(image.Layer));
        Assert.Empty(b.Store.ListReplicas());
    }

    [ToolFact("qemu-img")]
    public async Task A_bit_that_flips_on_the_wire_is_noticed_and_its_sender_named_and_avoided()
    {
        await using var a = new Node("a", _view);
        var image = await a.ImportAsync(_random, chunks: 4);
        _view.Add(image);
        await using var meddler = new Meddler(a.AsPeer) { FlipAt = 2L * ImageChunks.ChunkBytes };
        await using var b = new Node("b", _view).Knows(meddler.AsPeer);
        b.Replicator.Start();
        await Eventually.TrueAsync(() =>
            b.Replicator.StatusHere(image.Layer).Detail?.Contains("not asked for a while", StringComparison.Ordinal)
            == true
        );
        Assert.False(b.Store.Holds(image.Layer));
        Assert.Contains("a (127.0.0.1:", Assert.Single(b.Log.With("has a wrong copy")), StringComparison.Ordinal);
        // Another server, and it goes on.
        b.Knows(meddler.AsPeer, a.AsPeer with { Name = "other" });
        await b.HoldsAsync(image.Layer);
        Assert.Null(await b.Store.VerifyImageAsync(image.Layer));
        Assert.Single(b.Log.With("has a wrong copy"));
    }

    [ToolFact("qemu-img")]
    public async Task A_bit_that_flipped_on_the_disk_of_the_source_goes_no_further()
    {
        await using var a = new Node("a", _view);
        await using var b = new Node("b", _view).Knows(a.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 3);
        await using (
            var disk = File.Open(a.DiskOf(image.Layer), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)
        )
        {
            disk.Position = ImageChunks.ChunkBytes + 77;
            var value = disk.ReadByte();
            disk.Position--;
            disk.WriteByte((byte)(value ^ 1));
        }
        _view.Add(image);
        b.Replicator.Start();
        await Eventually.TrueAsync(() => b.Log.With("has a wrong copy").Count > 0);
        Assert.False(b.Store.Holds(image.Layer));
        Assert.Contains("pbm vdisk check", Assert.Single(b.Log.With("has a wrong copy")), StringComparison.Ordinal);
    }

    [ToolFact("qemu-img")]
    public async Task An_image_other_than_the_farm_has_is_not_taken()
    {
        await using var a = new Node("a", _view);
        await using var b = new Node("b", _view).Knows(a.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 1);
        _view.Add(image with { Sha256 = new string('0', 64) });
        b.Replicator.Start();
        await Eventually.TrueAsync(() => b.Log.With("not the one that the farm has").Count > 0);
        Assert.Empty(b.Store.ListReplicas());
    }

    [ToolFact("qemu-img")]
    public async Task A_store_without_room_beside_its_reserve_takes_nothing_and_says_so()
    {
        await using var a = new Node("a", _view);
        await using var b = new Node("b", _view, limits: new() { ReserveBytes = long.MaxValue / 2 }).Knows(a.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 2);
        _view.Add(image);
        b.Replicator.Start();
        await Eventually.TrueAsync(() => b.Log.With("hatchery.store.reserve").Count > 0);
        Assert.Contains("cannot be kept here", b.Log.With("hatchery.store.reserve")[0], StringComparison.Ordinal);
        // It is tried again and again.
        await Eventually.TrueAsync(() =>
            b.Replicator.WhyNotHere(image.Layer)?.Contains("hatchery.store.reserve", StringComparison.Ordinal) == true
        );
    }

    [ToolFact("qemu-img")]
    public async Task No_more_bytes_come_in_a_second_than_are_allowed()
    {
        var time = new ManualTime();
        var begun = time.GetUtcNow();
        var day = TimeSpan.FromDays(1);
        var options = new ReplicationOptions
        {
            BytesPerSecond = ImageChunks.ChunkBytes,
            HandshakeTimeout = day,
            IdleTimeout = day,
            Interval = day,
        };
        await using var a = new Node("a", _view);
        var image = await a.ImportAsync(_random, chunks: 6);
        _view.Add(image);
        await using var b = new Node("b", _view, options, time).Knows(a.AsPeer);
        b.Replicator.Start();
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            return b.Store.Holds(image.Layer);
        });
        // Six chunks, a second for each; the last is asked for when the five before are paid for.
        Assert.InRange((time.GetUtcNow() - begun).TotalSeconds, 5, double.MaxValue);
    }

    [ToolFact("qemu-img")]
    public async Task A_removed_vdisk_leaves_every_store()
    {
        await using var a = new Node("a", _view);
        await using var b = new Node("b", _view).Knows(a.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 1);
        a.Replicator.Start();
        await a.ImportAsync(_random, chunks: 1);
        _view.Add(image);
        await b.HoldsAsync(image.Layer);
        var rounds = a.Replicator.Rounds;
        await Eventually.TrueAsync(() => a.Replicator.Rounds > rounds + 1);
        // Also after a restart: a replica is known to be one.
        await b.RestartAsync();
        _view.Remove();
        b.Replicator.Start();
        await Eventually.TrueAsync(() => !b.Store.Holds(image.Layer) && !a.Store.Holds(image.Layer));
        // The farm may be about to hear of this one.
        Assert.Single(a.Store.ListImages());
    }

    [ToolFact("qemu-img")]
    public async Task An_image_whose_vdisk_was_removed_while_its_server_was_down_goes_when_it_starts()
    {
        await using var a = new Node("a", _view);
        var image = await a.ImportAsync(_random, chunks: 1);
        _view.Add(image);
        await a.HoldsAsync(image.Layer);
        await Eventually.TrueAsync(() => a.Store.WasWanted(image.Layer));
        await a.RestartAsync();
        var waiting = await a.ImportAsync(_random, chunks: 1);
        _view.Remove();
        a.Replicator.Start();
        await Eventually.TrueAsync(() => !a.Store.Holds(image.Layer));
        // The farm may be about to hear of this one.
        Assert.Equal(waiting.Layer, Assert.Single(a.Store.ListImages()).Layer);
    }

    [ToolFact("qemu-img")]
    public async Task An_image_stays_as_long_as_one_of_the_vdisks_that_share_it()
    {
        await using var a = new Node("a", _view);
        await using var b = new Node("b", _view).Knows(a.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 1);
        _view.Add(image);
        var clone = PersistenceIds.Of(new VDiskId(Guid.NewGuid()));
        _view.Apply(clone, 1, new VDiskCreated("clone", default), 4);
        _view.Apply(
            clone,
            2,
            new VersionAdded(1, image.Layer, image.LengthBytes, image.Sha256, false, null, default),
            5
        );
        await a.HoldsAsync(image.Layer);
        await b.HoldsAsync(image.Layer);
        _view.Remove(6);
        var (roundsA, roundsB) = (a.Replicator.Rounds, b.Replicator.Rounds);
        await Eventually.TrueAsync(() => a.Replicator.Rounds > roundsA + 1 && b.Replicator.Rounds > roundsB + 1);
        Assert.True(a.Store.Holds(image.Layer) && b.Store.Holds(image.Layer));
        _view.Apply(clone, 3, new VDiskRemoved(default), 7);
        await Eventually.TrueAsync(() => !a.Store.Holds(image.Layer) && !b.Store.Holds(image.Layer));
    }

    /// <summary>A vDisk is heard of at the server where it is before the journal's reader comes to what others did earlier.</summary>
    [ToolFact("qemu-img")]
    public async Task An_image_stays_until_the_journal_has_told_of_every_clone_made_before_its_vdisk_was_removed()
    {
        await using var a = new Node("a", _view);
        var image = await a.ImportAsync(_random, chunks: 1);
        _view.Add(image);
        await a.HoldsAsync(image.Layer);
        _view.Remove(offset: null);
        var rounds = a.Replicator.Rounds;
        await Eventually.TrueAsync(() => a.Replicator.Rounds > rounds + 1);
        Assert.True(a.Store.Holds(image.Layer));
        var clone = PersistenceIds.Of(new VDiskId(Guid.NewGuid()));
        _view.Apply(clone, 1, new VDiskCreated("clone", default), 3);
        _view.Apply(
            clone,
            2,
            new VersionAdded(1, image.Layer, image.LengthBytes, image.Sha256, false, null, default),
            4
        );
        _view.Remove(5);
        rounds = a.Replicator.Rounds;
        await Eventually.TrueAsync(() => a.Replicator.Rounds > rounds + 1);
        Assert.True(a.Store.Holds(image.Layer));
        _view.Apply(clone, 3, new VDiskRemoved(default), 6);
        await Eventually.TrueAsync(() => !a.Store.Holds(image.Layer));
    }

    [ToolFact("qemu-img")]
    public async Task With_certificates_both_ends_have_to_show_one()
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=farm", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null);
        await using var a = new Node("a", _view, tls: new(certificate, takesAny: true));
        await using var b = new Node("b", _view, tls: new(certificate, takesAny: true)).Knows(a.AsPeer);
        await using var strict = new Node("strict", _view, tls: new(certificate)).Knows(a.AsPeer);
        await using var plain = new Node("plain", _view).Knows(a.AsPeer);
        var image = await a.ImportAsync(_random, chunks: 2);
        _view.Add(image);
        await b.HoldsAsync(image.Layer);
        var refused = (await plain.Replicator.StatusAsync(image.Layer))[1];
        Assert.Equal(ReplicaState.Unreachable, refused.State);
        var untrusted = (await strict.Replicator.StatusAsync(image.Layer))[1];
        Assert.Contains("not trusted here", untrusted.Detail, StringComparison.Ordinal);
        Assert.NotEmpty(a.Log.With("replication refused"));
    }
}
