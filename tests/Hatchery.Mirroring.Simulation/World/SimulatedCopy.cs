using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>A write cache as it lies at one server: the promise, the mark of a lost copy, and segments.</summary>
internal sealed class SimulatedCopy
{
    public SortedDictionary<int, SimulatedSegment> Segments { get; } = [];

    public Epoch Promised { get; set; }

    public bool IsLost { get; set; }

    /// <summary>The run of the host in which it was made, or was sealed last.</summary>
    public int HostRun { get; set; }

    public CachePosition End
    {
        get
        {
            foreach (var (number, segment) in Segments.Reverse())
                if (Whole(segment) > 0)
                    return new(number, Whole(segment));
            return default;
        }
    }

    public CopyState State(int hostRun) =>
        new(
            IsLost ? CopyCondition.Lost
                : HostRun != hostRun ? CopyCondition.PowerLost
                : CopyCondition.Whole,
            End
        );

    /// <summary>What a device would read: each segment counts up to where the header of the next one says that it ends.</summary>
    public Dictionary<int, long> Content()
    {
        var content = new Dictionary<int, long>();
        foreach (var (_, record) in Records())
            if (record.Kind == RecordKind.Write)
                content[record.Number] = record.Value;
        return content;
    }

    public IEnumerable<(int Segment, SimulatedRecord Record)> Records()
    {
        var numbers = Segments.Keys.ToArray();
        for (var i = 0; i < numbers.Length; i++)
        {
            var length = Whole(Segments[numbers[i]]);
            if (i + 1 < numbers.Length)
            {
                var header = SimulatedRecord.Read(Padded(Segments[numbers[i + 1]]));
                if (header.Number == numbers[i])
                    length = Math.Min(length, (int)header.Value);
            }
            for (var at = 0; at < length; at += SimulatedRecord.Bytes)
                yield return (numbers[i], SimulatedRecord.Read(Segments[numbers[i]].Bytes[at..]));
        }
    }

    /// <summary>Cuts off what is beyond.</summary>
    public void CutAt(CachePosition end)
    {
        foreach (var number in Segments.Keys.Where(n => n > end.Segment).ToArray())
            Segments.Remove(number);
        if (Segments.TryGetValue(end.Segment, out var last))
            last.Truncate((int)end.Offset);
    }

    /// <summary>The segments that a header calls gone.</summary>
    public void RemoveGaps(ReadOnlySpan<byte> header)
    {
        for (var at = 0; at + SimulatedRecord.Bytes <= header.Length; at += SimulatedRecord.Bytes)
            if (SimulatedRecord.Read(header[at..]) is { Kind: RecordKind.Gap } gap)
                Segments.Remove(gap.Number);
    }

    public void LosePower(Random random)
    {
        foreach (var segment in Segments.Values)
            segment.LosePower(random);
        // A header that is not there whole never held anything.
        foreach (var number in Segments.Where(s => Whole(s.Value) == 0).Select(s => s.Key).ToArray())
            Segments.Remove(number);
    }

    private static int Whole(SimulatedSegment segment) =>
        segment.Length / SimulatedRecord.Bytes * SimulatedRecord.Bytes;

    private static ReadOnlySpan<byte> Padded(SimulatedSegment segment) =>
        segment.Length >= SimulatedRecord.Bytes ? segment.Bytes : new byte[SimulatedRecord.Bytes];
}
