using System.Collections.Immutable;
using System.Security.Cryptography;
using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>A copy at one server with its core.</summary>
internal sealed class SimulatedMember : IMemberPort
{
    private const int ReadBytes = 256;

    private readonly World _world;
    private readonly SimulatedServer _server;
    private readonly LayerId _layer;
    private readonly Dictionary<long, Connection> _connections = [];
    private List<(CachePosition At, ReadOnlyMemory<byte> Bytes)>? _writes;
    private SimulatedSegment? _fresh;
    private bool _hasFailed;

    public SimulatedMember(World world, SimulatedServer server, LayerId layer)
    {
        (_world, _server, _layer) = (world, server, layer);
        Core = new(this, Copy?.Promised ?? default, server.StateOf(layer));
    }

    public MemberCore Core { get; }

    private SimulatedCopy? Copy => _server.Copies.GetValueOrDefault(_layer);

    public void Receive(Connection connection, MirrorMessage message)
    {
        _connections[connection.Number] = connection;
        Core.Receive(connection.Number, message);
    }

    public void Send(long connection, MirrorMessage message)
    {
        _world.Trace($"{_server.Name} -> {_connections[connection].Opener}: {World.Describe(message)}");
        _connections[connection].ToOpener(World.Frame(_layer, message));
    }

    public void StorePromise(Epoch epoch)
    {
        if (_server.Session is { } session && session.Layer == _layer && session.Epoch < epoch)
            session.End($"{epoch} is promised here");
        OnDisk(
            isSync: true,
            () =>
            {
                var isStored = !_server.SyncsFail;
                _hasFailed = false;
                if (isStored && Copy is { } copy)
                    copy.Promised = epoch;
                Core.PromiseStored(epoch, isStored ? _server.StateOf(_layer) : null);
            }
        );
    }

    public void Write(CachePosition at, ReadOnlyMemory<byte> bytes)
    {
        // What comes while those before wait for the disk is written with them.
        if (at.Offset > 0 && _writes is { Count: > 0 } before && before[^1].At.Offset > 0)
        {
            before.Add((at, bytes));
            return;
        }
        List<(CachePosition At, ReadOnlyMemory<byte> Bytes)> writes = [(at, bytes)];
        OnDisk(isSync: at.Offset == 0, () => WriteAll(writes), isBesideSync: at.Offset > 0);
        _writes = writes;
    }

    public void Sync(CachePosition upTo)
    {
        _writes = null;
        _server.SyncBeside(_layer, outcome => Core.SyncEnded(upTo, outcome));
    }

    public void Seal(CachePosition at) =>
        OnDisk(
            isSync: true,
            () =>
            {
                if (Copy is not { } copy)
                {
                    Core.SealEnded(at, DiskOutcome.NotWritten);
                    return;
                }
                copy.CutAt(at);
                var outcome = SyncAll();
                if (outcome == DiskOutcome.Done)
                    copy.HostRun = _server.HostRun;
                Core.SealEnded(at, outcome);
            }
        );

    public void PrepareJoin(CopyIdentity identity) =>
        OnDisk(
            isSync: true,
            () =>
            {
                if (Copy is null or { IsLost: true })
                    _server.Copies[_layer] = new();
                (Copy!.Promised, Copy.HostRun, _hasFailed) = (Core.Promised, _server.HostRun, false);
                Core.JoinPrepared(_server.SyncsFail ? DiskOutcome.NotWritten : DiskOutcome.Done);
            }
        );

    public void Match(int segment, long lengthBytes, ImmutableArray<byte> sha256) =>
        OnDisk(
            isSync: true,
            () =>
            {
                var isThere = false;
                if (
                    Copy!.Segments.TryGetValue(segment, out var file)
                    && file.Length >= lengthBytes
                    && file.HoleAt is null
                )
                    isThere = sha256.AsSpan().SequenceEqual(SHA256.HashData(file.Bytes[..(int)lengthBytes]));
                if (isThere)
                {
                    file!.Truncate((int)lengthBytes);
                    isThere = SyncFile(file) == DiskOutcome.Done;
                }
                _fresh = null;
                Core.Matched(segment, lengthBytes, isThere);
            }
        );

    public void WriteCopy(
        int segment,
        long offset,
        ReadOnlyMemory<byte> bytes,
        long lengthBytes,
        ImmutableArray<byte> sha256
    ) =>
        OnDisk(
            isSync: true,
            () =>
            {
                if (offset == 0)
                    _fresh = new();
                _fresh!.Write((int)offset, bytes.Span);
                if (_fresh.Length < lengthBytes)
                {
                    Core.CopyWritten(segment, _fresh.Length, DiskOutcome.Done);
                    return;
                }
                var isRight = sha256.AsSpan().SequenceEqual(SHA256.HashData(_fresh.Bytes));
                var outcome = isRight ? SyncFile(_fresh) : DiskOutcome.Done;
                if (isRight && outcome == DiskOutcome.Done)
                    Copy!.Segments[segment] = _fresh;
                Core.CopyWritten(segment, isRight ? lengthBytes : 0, outcome);
            }
        );

    public void Read(long connection, int segment, long offset) =>
        OnDisk(
            isSync: false,
            () =>
            {
                if (Copy?.Segments.TryGetValue(segment, out var file) != true || offset > file!.Length)
                {
                    Core.ReadEnded(connection, segment, offset, null, default);
                    return;
                }
                var bytes = file.Bytes[(int)offset..];
                Core.ReadEnded(
                    connection,
                    segment,
                    offset,
                    file.Length,
                    bytes[..Math.Min(bytes.Length, ReadBytes)].ToArray()
                );
            }
        );

    private void WriteAll(List<(CachePosition At, ReadOnlyMemory<byte> Bytes)> writes)
    {
        var (at, bytes) = writes[0];
        var outcome = DiskOutcome.Done;
        if (_hasFailed || _server.IsFull || Copy is null)
            outcome = DiskOutcome.NotWritten;
        else if (at.Offset == 0)
            outcome = Begin(at.Segment, bytes);
        else
            foreach (var write in writes)
                Apply(write.At, write.Bytes);
        _hasFailed |= outcome != DiskOutcome.Done;
        var (count, end) = (writes.Count, writes[^1].At.Plus(writes[^1].Bytes.Length));
        writes.Clear();
        Core.Written(end, count, outcome);
    }

    /// <summary>What is written from now on comes behind this.</summary>
    private void OnDisk(bool isSync, Action work, bool isBesideSync = false)
    {
        _writes = null;
        _server.OnDisk(_layer, isSync, work, isBesideSync);
    }

    private DiskOutcome Begin(int segment, ReadOnlyMemory<byte> header)
    {
        if (SyncAll() is var synced and not DiskOutcome.Done)
            return synced;
        foreach (var number in Copy!.Segments.Keys.Where(n => n >= segment).ToArray())
            Copy.Segments.Remove(number);
        Apply(new(segment, 0), header);
        Copy.Segments[segment].Sync();
        Copy.RemoveGaps(header.Span);
        return DiskOutcome.Done;
    }

    private void Apply(CachePosition at, ReadOnlyMemory<byte> bytes)
    {
        if (!Copy!.Segments.TryGetValue(at.Segment, out var file))
            Copy.Segments[at.Segment] = file = new();
        file.Write((int)at.Offset, bytes.Span);
    }

    private DiskOutcome SyncAll() => _server.Sync(_layer);

    private DiskOutcome SyncFile(SimulatedSegment file)
    {
        if (_server.SyncsFail)
            return _server.Lose(_layer);
        file.Sync();
        return DiskOutcome.Done;
    }
}
