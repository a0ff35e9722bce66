namespace Hatchery.Disks;

/// <summary>An extent on its way into a record, with its data.</summary>
internal readonly record struct RecordPart(RecordExtent Extent, ReadOnlyMemory<byte> Data)
{
    public static RecordPart Of(long block, ReadOnlyMemory<byte> data) =>
        new(new(block, data.Length / RecordExtent.BlockBytes, IsZeroes: false), data);
}
