namespace Hatchery.Disks;

/// <summary>A segment of a layer that takes no more records, and where it ends.</summary>
/// <param name="Chain">The header CRC of its last record.</param>
internal readonly record struct ClosedSegment(int Number, long Length, uint Chain)
{
    /// <summary>The gaps in a row of segments, in order, up to the one that comes next.</summary>
    public static List<SegmentGap> GapsIn(IReadOnlyList<ClosedSegment> row, int next)
    {
        var gaps = new List<SegmentGap>();
        var before = default(ClosedSegment);
        foreach (var segment in row.Append(new(next, 0, 0)))
        {
            if (segment.Number > before.Number + 1)
                gaps.Add(
                    new(
                        (uint)before.Number + 1,
                        (uint)(segment.Number - before.Number - 1),
                        before.Length,
                        before.Chain
                    )
                );
            before = segment;
        }
        return gaps;
    }
}
