using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>Its own write cache: segments, the device's writes and flushes, compaction.</summary>
internal sealed partial class SimulatedStreamer
{
    private const int SegmentMaxBytes = 40 * SimulatedRecord.Bytes;

    private readonly List<(CachePosition End, Action Done)> _writes = [];
    private readonly List<(CachePosition UpTo, Action Done)> _flushes = [];
    private readonly Dictionary<int, (long Value, int Segment)> _written = [];
    private readonly Dictionary<int, long> _visible;
    private readonly SortedSet<int> _segments;
    private CachePosition _head;
    private CachePosition _localEnd;
    private CachePosition _localSynced;
    private bool _hasBegun;
    private bool _isHeld;
    private bool _isCompacting;
    private bool _hasFailed;

    private void Write(Connection client, ClientRequest request)
    {
        if (_isEnded)
            return;
        if (!_hasBegun || _head.Offset >= SegmentMaxBytes)
            Begin([]);
        Append([new(RecordKind.Write, request.Block, request.Value, Epoch.Value)]);
        _writes.Add(
            (
                _head,
                () =>
                {
                    _world.Ledger.Acknowledged(this, request.Block, request.Value);
                    Reply(client, request, 0);
                }
            )
        );
        EndWrites();
        if (_world.Random.Next(30) == 0)
            Compact();
    }

    /// <summary>A segment behind the last, whose header says where that one ends and which are gone.</summary>
    private void Begin(IReadOnlyCollection<int> gone)
    {
        var before = _head;
        foreach (var number in gone)
            _segments.Remove(number);
        (_head, _hasBegun) = (new(before.Segment + 1, 0), true);
        _segments.Add(_head.Segment);
        var gaps = Enumerable.Range(1, _head.Segment).Where(n => !_segments.Contains(n));
        Append([
            new(RecordKind.Header, before.Segment, before.Offset, Epoch.Value),
            .. gaps.Select(n => new SimulatedRecord(RecordKind.Gap, n, 0, Epoch.Value)),
        ]);
    }

    private void Append(params IReadOnlyList<SimulatedRecord> records)
    {
        var (at, bytes) = (_head, SimulatedRecord.Join(records));
        _head = at.Plus(bytes.Length);
        foreach (var record in records)
            if (record.Kind == RecordKind.Write)
                _written[record.Number] = (record.Value, at.Segment);
        _server.OnDisk(Layer, isSync: at.Offset == 0, () => AppendOwn(at, bytes, records));
        _core.Append(at, bytes, _world.Time.Now);
    }

    private void AppendOwn(CachePosition at, byte[] bytes, IReadOnlyList<SimulatedRecord> records)
    {
        // One that failed leaves no hole for the next. What was in hand when a promise was asked for is finished.
        if (_hasFailed)
            return;
        var copy = Copy;
        if (_server.IsFull || copy.IsLost)
        {
            _hasFailed = true;
            End("its own disk takes nothing");
            return;
        }
        if (at.Offset == 0)
        {
            if (_server.Sync(Layer) != DiskOutcome.Done)
            {
                _hasFailed = true;
                End("a sync of its own copy failed");
                return;
            }
            foreach (var number in copy.Segments.Keys.Where(n => n >= at.Segment).ToArray())
                copy.Segments.Remove(number);
            copy.Segments[at.Segment] = new();
        }
        copy.Segments[at.Segment].Write((int)at.Offset, bytes);
        if (at.Offset == 0)
        {
            copy.Segments[at.Segment].Sync();
            copy.RemoveGaps(bytes);
        }
        foreach (var record in records)
            if (record.Kind == RecordKind.Write)
                _visible[record.Number] = record.Value;
        _localEnd = at.Plus(bytes.Length);
        EndWrites();
    }

    private void EndWrites()
    {
        var upTo = _world.Has(Defect.WriteIsNotAwaited) || _acknowledged > _localEnd ? _localEnd : _acknowledged;
        while (!_isEnded && _writes.Count > 0 && _writes[0].End <= upTo)
        {
            var done = _writes[0].Done;
            _writes.RemoveAt(0);
            done();
        }
    }

    private void Flush(Action done)
    {
        var upTo = _head;
        _flushes.Add((upTo, done));
        _server.OnDisk(
            Layer,
            isSync: true,
            () =>
            {
                if (_isEnded)
                    return;
                if (_server.Sync(Layer) != DiskOutcome.Done)
                {
                    End("a sync of its own copy failed");
                    return;
                }
                if (upTo > _localSynced)
                    _localSynced = upTo;
                EndFlushes();
            }
        );
        _core.Sync(upTo, _world.Time.Now);
        EndFlushes();
    }

    private void EndFlushes()
    {
        var upTo = _world.Has(Defect.FlushIsNotMirrored) || _mirrorSynced > _localSynced ? _localSynced : _mirrorSynced;
        for (var i = 0; i < _flushes.Count && !_isEnded; )
        {
            if (_flushes[i].UpTo > upTo)
            {
                i++;
                continue;
            }
            var done = _flushes[i].Done;
            _flushes.RemoveAt(i);
            done();
        }
    }

    /// <summary>What is still needed of the oldest segment is appended again and flushed; then a header says that it is gone.</summary>
    private void Compact()
    {
        var oldest = _segments.Min;
        if (_isCompacting || _isHeld || _isEnded || _segments.Count < 4)
            return;
        _isCompacting = true;
        var live = _written.Where(w => w.Value.Segment == oldest).OrderBy(w => w.Key).ToArray();
        foreach (var (block, (value, _)) in live)
            Append([new(RecordKind.Write, block, value, Epoch.Value)]);
        Flush(() =>
        {
            _isCompacting = false;
            Later(() =>
            {
                if (!_isHeld)
                    Begin([oldest]);
            });
        });
    }

    private byte[] Closed(int segment)
    {
        var bytes = Copy.Segments[segment].Bytes;
        var next = _segments.FirstOrDefault(s => s > segment);
        if (next == 0 || !Copy.Segments.TryGetValue(next, out var after))
            return bytes.ToArray();
        var header = SimulatedRecord.Read(after.Bytes);
        return header.Number == segment ? bytes[..(int)header.Value].ToArray() : bytes.ToArray();
    }
}
