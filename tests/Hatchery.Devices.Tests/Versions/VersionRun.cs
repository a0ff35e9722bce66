using System.Collections.Immutable;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

/// <summary>
/// One vDisk by its rules, servers with stores on real files, and a plain array for the content of each version. Servers die in the midst of making a version, and are
/// themselves again later; what they then do has to change nothing that is there.
/// </summary>
internal sealed class VersionRun : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly VDiskId s_id = new(Guid.NewGuid());
    private static readonly DeviceId s_writer = new(Guid.NewGuid());

    private readonly Random _random;
    private readonly ImmutableArray<VersionServer> _servers;
    private readonly Dictionary<int, byte[]> _contents = [];
    private VDiskState _disk = VDiskState.Unknown(s_id);
    private byte[]? _written;
    private LayerId _cache;
    private ulong _epoch;

    public VersionRun(Random random)
    {
        _random = random;
        _servers = [.. new[] { "one", "two", "three" }.Select(name => new VersionServer(name))];
        var (image, content) = _servers[0].AddImage(random);
        foreach (var server in _servers[1..])
            server.Fetch(_servers[0], image);
        Do(new AddVDisk(s_id, "disk", image, content.Length, _servers[0].HashOf(image), false, null));
        _contents[1] = content;
    }

    public int Made { get; private set; }

    public int Died { get; private set; }

    /// <summary>Anything, and as often what leads on: chance alone seldom does what has to come one after the other.</summary>
    public async Task StepAsync()
    {
        var server = _servers[_random.Next(_servers.Length)];
        switch (_random.Next(2) == 0 ? LeadsOn() : (Step)_random.Next((int)Step.LoseStore + 1))
        {
            case Step.Open:
                Do(new OpenMaintenance(s_id, Any()));
                break;
            case Step.Write:
                await WriteAsync();
                break;
            case Step.Close:
                Do(new CloseMaintenance(s_id, To: (VersionAccess)_random.Next(3)));
                break;
            case Step.Merge:
                Do(new MakeVersion(s_id, Any(), IsBase: _random.Next(3) == 0));
                break;
            case Step.Make:
                await MakeAsync(server);
                break;
            case Step.Fetch:
                Fetch(server);
                break;
            case Step.Promote:
                if (_disk.Making is { } making)
                    Do(new EndMaking(s_id, making.Number));
                else
                    Do(new PromoteVersion(s_id, Any()));
                break;
            case Step.Revert:
                Do(new RevertVersion(s_id));
                break;
            case Step.Delete:
                Do(new DeleteVersion(s_id, _random.Next(1, _disk.NextNumber)));
                break;
            default:
                LoseStore(server);
                break;
        }
        foreach (var each in _servers)
            each.Forget(_disk);
        // Nothing that was made is lost: some server has each version whole, and all that have it read it as it was written.
        var version = _disk.Versions[_random.Next(_disk.Versions.Length)];
        Check(_random.Next(2) == 0 ? version : _disk.Production!);
    }

    public void CheckAll()
    {
        foreach (var version in _disk.Versions)
            Check(version);
    }

    public void Dispose()
    {
        foreach (var server in _servers)
            server.Dispose();
    }

    private enum Step
    {
        Open,
        Write,
        Close,
        Merge,
        Make,
        Fetch,
        Promote,
        Revert,
        Delete,
        LoseStore,
    }

    private Step LeadsOn() =>
        _disk.Making is { } making && _disk.Version(making.Number) is null ? Step.Make
        : _disk.Open is not null
            ? _random.Next(3) == 0 ? Step.Close
                : Step.Write
        : _disk.Versions.Any(v => Lacking([v.Image]).Count > 0) ? Step.Fetch
        : _disk.Making is not null || _disk.Versions.Any(v => v.Access == VersionAccess.Maintenance) ? Step.Promote
        : _random.Next(3) == 0 ? Step.Merge
        : Step.Open;

    private int? Any() => _random.Next(2) == 0 ? null : _random.Next(1, _disk.NextNumber);

    /// <summary>Refused or done; what was done is checked against what is there.</summary>
    private bool Do(IVDiskCommand command)
    {
        var decision = VDiskRules.Decide(_disk, command, s_now, FarmSnapshot.Empty, Lacking);
        foreach (var happened in decision.Events)
        {
            if (happened is VersionPromoted { Number: var number })
                Assert.Empty(Lacking(_disk.LayersOf(_disk.Version(number)!)));
            if (happened is ProductionReverted { To: var to })
                Assert.Empty(Lacking(_disk.LayersOf(_disk.Version(to)!)));
            _disk = _disk.Apply(happened);
        }
        if (_disk.Open is null)
            _written = null;
        return decision.Refused is null;
    }

    private IReadOnlyList<string> Lacking(ImmutableArray<LayerId> layers) =>
        [.. _servers.Where(s => !layers.All(s.Store.HoldsChain)).Select(s => s.Name)];

    /// <summary>The maintenance device boots, writes and goes. Its write cache lies at one server or several, the same at each.</summary>
    private async Task WriteAsync()
    {
        var take = new TakeVersion(s_id, s_writer, VersionAccess.Maintenance);
        if (_disk.Open is not { } open)
            return;
        var chain = _disk.LayersOf(_disk.Version(open.Parent)!);
        var members = _servers
            .Where(s => s.Store.HoldsChain(chain[^1]) && (_written is null || s.Has(_cache)))
            .ToArray();
        if (members.Length == 0 || !Do(take with { Writes = _written is null ? null : open.Number }))
            return;
        var isNew = _written is null;
        if (isNew)
            (_written, _cache) = ([.. _contents[open.Parent]], new(Guid.NewGuid()));
        var streamer = members[_random.Next(members.Length)];
        await streamer.WriteAsync(_random, chain, _cache, new(++_epoch), isNew, _written!);
        foreach (var member in members.Where(m => m != streamer && (!isNew || _random.Next(2) == 0)))
            member.CopyCache(streamer, _cache);
    }

    /// <summary>What a server does about a version that is to be made; it may die at any point of it.</summary>
    private async Task MakeAsync(VersionServer server)
    {
        if (_disk.Making is not { } making || _disk.Version(making.Number) is not null)
            return;
        var chain = _disk.LayersOf(_disk.Version(making.Top)!);
        if (!server.Store.HoldsChain(chain[^1]) || (making.Writer is not null && !server.Has(_cache)))
            return;
        var layer = making.Server == server.Name ? making.Layer : new(Guid.NewGuid());
        // Half of the time the server that had claimed it is held to be down.
        var instead = _random.Next(2) == 0 ? making.Server : null;
        if (!Do(new ClaimMaking(s_id, making.Number, server.Name, layer, instead)))
            return;
        var below = making.Below is { } number ? _disk.LayersOf(_disk.Version(number)!).Length : 0;
        LayerId? cache = making.Writer is null ? null : _cache;
        var dies = _random.Next(6);
        if (
            dies == 0
            || await server.MergeAsync(layer, chain, below, cache, dies == 1 ? _random : null) is not { } made
        )
        {
            Died++;
            return;
        }
        var content = making.Writer is null ? _contents[making.Top] : _written!;
        if (making.Below is null)
            Assert.Equal(made.Sha256, await server.ContentAsync([layer]));
        // What the server itself compares before it says that it has made it.
        if (making.Writer is null)
            Assert.Equal(await server.ContentAsync(chain), await server.ContentAsync([.. chain[..below], layer]));
        if (dies == 2)
        {
            Died++;
            return;
        }
        // A late word of who was replaced meanwhile is refused.
        Assert.False(Do(new AddVersion(s_id, new(Guid.NewGuid()), 1, "", false, null, Number: making.Number)));
        Assert.True(Do(new AddVersion(s_id, layer, made.DiskBytes, made.Sha256, false, null, Number: making.Number)));
        _contents[making.Number] = content;
        Made++;
    }

    private void Fetch(VersionServer server)
    {
        foreach (var version in _disk.Versions.Where(v => !server.Store.Holds(v.Image)))
            if (
                _servers.FirstOrDefault(s => s.Store.FindImage(version.Image).Value?.Sha256 == version.Sha256) is
                { } from
            )
            {
                server.Fetch(from, version.Image);
                return;
            }
    }

    /// <summary>A server's disk is replaced by an empty one, while others have all that it had.</summary>
    private void LoseStore(VersionServer server)
    {
        var others = _servers.Where(s => s != server).ToArray();
        var held = _disk.Versions.Select(v => v.Image).Where(server.Store.Holds);
        if (held.All(l => others.Any(o => o.Store.Holds(l))) && (_written is null || others.Any(o => o.Has(_cache))))
            server.LoseAll();
    }

    private void Check(VDiskVersion version)
    {
        var layers = _disk.LayersOf(version);
        Assert.All(layers, layer => Assert.Contains(_servers, s => s.Store.Holds(layer)));
        foreach (var server in _servers.Where(s => s.Store.HoldsChain(version.Image)))
            Assert.True(
                server.Read(layers).AsSpan().SequenceEqual(_contents[version.Number]),
                $"version {version.Number} at {server.Name}, of {layers.Length} layers"
            );
    }
}
