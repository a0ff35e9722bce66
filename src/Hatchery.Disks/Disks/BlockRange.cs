namespace Hatchery.Disks;

internal static class BlockRange
{
    /// <summary>Whether a request consists of whole blocks inside the disk.</summary>
    public static bool IsInside(long diskLengthBytes, long offset, long lengthBytes) =>
        offset >= 0
        && lengthBytes >= 0
        && offset <= diskLengthBytes
        && lengthBytes <= diskLengthBytes - offset
        && (offset | lengthBytes) % RecordExtent.BlockBytes == 0;
}
