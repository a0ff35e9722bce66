using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>
/// Where a qcow2 file says that its tables are. qemu-img takes what lies beyond a file's end for zeroes, so a file that was cut off in
/// its tables passes its check and reads as an empty disk (QEMU, docs/interop/qcow2.txt, "Header" and "Cluster mapping").
/// </summary>
internal static class Qcow2Tables
{
    private const int ClusterBitsAt = 20;
    private const int L1EntriesAt = 36;
    private const int L1OffsetAt = 40;
    private const ulong L2OffsetMask = 0x00ff_ffff_ffff_fe00;
    private const int BufferBytes = 64 << 10;

    /// <param name="head">The file's first bytes; one that is shorter than the header has no tables.</param>
    public static bool LieWithin(SafeFileHandle file, ReadOnlySpan<byte> head, long fileBytes)
    {
        if (head.Length < L1OffsetAt + sizeof(ulong))
            return false;
        var clusterBits = BinaryPrimitives.ReadUInt32BigEndian(head[ClusterBitsAt..]);
        if (clusterBits is < 9 or > 21)
            return true; // No size of cluster that there is: qemu-img says so.
        var l2Bytes = 1UL << (int)clusterBits;
        var at = BinaryPrimitives.ReadUInt64BigEndian(head[L1OffsetAt..]);
        var left = (ulong)BinaryPrimitives.ReadUInt32BigEndian(head[L1EntriesAt..]) * sizeof(ulong);
        if (!IsWithin(at, left, fileBytes))
            return false;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (left > 0)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(left, BufferBytes));
                var count = RandomAccess.Read(file, part, (long)at) & -sizeof(ulong);
                if (count == 0)
                    return false;
                for (var i = 0; i < count; i += sizeof(ulong))
                    if (
                        (BinaryPrimitives.ReadUInt64BigEndian(part[i..]) & L2OffsetMask) is var l2 and > 0
                        && !IsWithin(l2, l2Bytes, fileBytes)
                    )
                        return false;
                at += (ulong)count;
                left -= (ulong)count;
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsWithin(ulong offset, ulong lengthBytes, long fileBytes) =>
        offset <= (ulong)fileBytes && lengthBytes <= (ulong)fileBytes - offset;
}
