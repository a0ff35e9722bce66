namespace Hatchery.Disks;

/// <summary>A segment of an existing layer whose header was read.</summary>
internal sealed record OpenedSegment(int Number, string Path, ISegmentFile File, SegmentHeader Header, uint HeaderCrc)
{
    public SegmentScan Scan(bool isSameRun) => new(File, Path, Header, HeaderCrc, isSameRun);

    /// <summary>The segment, or why it cannot be read.</summary>
    public static StoreOutcome<OpenedSegment> Open(IFileSystem files, FilePool pool, string folder, int number)
    {
        var path = System.IO.Path.Combine(folder, SegmentName.Of(number));
        var file = pool.OpenRead(files, path);
        var page = new byte[SegmentHeader.SizeBytes];
        var count = file.Read(page, 0);
        var state = SegmentHeader.TryRead(page.AsSpan(0, count), out var header, out var crc);
        if (state == SegmentHeaderState.Whole && header!.Number == (ulong)number)
            return new OpenedSegment(number, path, file, header, crc);
        file.Dispose();
        return state == SegmentHeaderState.Unsupported
            ? new StoreFault(
                StoreFaultKind.Unsupported,
                path,
                "written by a later version, or with features that this one does not know"
            )
            : new StoreFault(StoreFaultKind.Damaged, path, "the segment's header is damaged", 0);
    }
}
