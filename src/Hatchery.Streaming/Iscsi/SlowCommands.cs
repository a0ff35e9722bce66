using System.Runtime.CompilerServices;
using Hatchery.Disks;
using Hatchery.Streaming.Transport;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Iscsi;

/// <summary>Commands that need several calls to the disk.</summary>
internal static class SlowCommands
{
    private const int StepBytes = 256 * 1024;

    private static readonly ConditionalWeakTable<IDisk, SemaphoreSlim> s_compares = [];

    /// <summary>Ranges outside the disk fail the command before anything of it is done.</summary>
    public static async ValueTask<DiskStatus> UnmapAsync(IDisk disk, UnmapRange[] ranges)
    {
        var blocks = (ulong)(disk.LengthBytes / disk.BlockSizeBytes);
        if (Array.Exists(ranges, r => r.Lba > blocks || r.Blocks > blocks - r.Lba))
            return DiskStatus.OutOfRange;
        foreach (var range in ranges)
        {
            if (range.Blocks == 0)
                continue;
            var status = await disk.ZeroAsync(
                (long)range.Lba * disk.BlockSizeBytes,
                (long)range.Blocks * disk.BlockSizeBytes
            );
            if (status != DiskStatus.Ok)
                return status;
        }
        return DiskStatus.Ok;
    }

    /// <summary>A block of zeroes becomes a discard; anything else is written as often as asked.</summary>
    public static async ValueTask<DiskStatus> WriteSameAsync(
        IDisk disk,
        long offset,
        long length,
        ReadOnlyMemory<byte> block
    )
    {
        if (!block.Span.ContainsAnyExcept((byte)0))
            return await disk.ZeroAsync(offset, length);
        var step = PooledBuffer.Rent(StepBytes);
        try
        {
            var bytes = step.Array.AsMemory(0, (int)Math.Min(length, StepBytes / block.Length * block.Length));
            for (var at = 0; at < bytes.Length; at += block.Length)
                block.CopyTo(bytes[at..]);
            while (length > 0)
            {
                var now = (int)Math.Min(length, bytes.Length);
                var status = await disk.WriteAsync(offset, bytes[..now]);
                if (status != DiskStatus.Ok)
                    return status;
                offset += now;
                length -= now;
            }
            return DiskStatus.Ok;
        }
        finally
        {
            step.Release();
        }
    }

    /// <summary>Whether the range holds the expected bytes, or repetitions of them; <paramref name="differs"/> is called where not.</summary>
    public static async ValueTask<DiskStatus> CompareAsync(
        IDisk disk,
        long offset,
        long length,
        ReadOnlyMemory<byte> expected,
        Action differs
    )
    {
        var step = PooledBuffer.Rent(StepBytes);
        try
        {
            for (var done = 0L; done < length; )
            {
                var now = (int)Math.Min(length - done, StepBytes);
                var bytes = step.Array.AsMemory(0, now);
                var status = await disk.ReadAsync(offset + done, bytes);
                if (status != DiskStatus.Ok)
                    return status;
                if (!Holds(bytes.Span, expected.Span, done))
                {
                    differs();
                    return DiskStatus.Ok;
                }
                done += now;
            }
            return DiskStatus.Ok;
        }
        finally
        {
            step.Release();
        }
    }

    /// <summary>Uninterrupted by any other of its kind at the same disk, which is what locks on disks are built of.</summary>
    public static async ValueTask<DiskStatus> CompareAndWriteAsync(
        IDisk disk,
        ScsiPlan plan,
        ReadOnlyMemory<byte> data,
        Action differs
    )
    {
        var turn = s_compares.GetValue(disk, static _ => new SemaphoreSlim(1));
        await turn.WaitAsync();
        try
        {
            var half = (int)plan.Length;
            var differing = false;
            var status = await CompareAsync(disk, plan.Offset, half, data[..half], () => differing = true);
            if (status != DiskStatus.Ok)
                return status;
            if (half == 0)
                return DiskStatus.Ok;
            if (!differing)
                return await disk.WriteAsync(plan.Offset, data.Slice(half, half), plan.ForceUnitAccess);
            differs();
            return DiskStatus.Ok;
        }
        finally
        {
            turn.Release();
        }
    }

    private static bool Holds(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> expected, long at)
    {
        while (!bytes.IsEmpty)
        {
            var part = expected[(int)(at % expected.Length)..];
            part = part[..Math.Min(part.Length, bytes.Length)];
            if (!bytes.StartsWith(part))
                return false;
            bytes = bytes[part.Length..];
            at += part.Length;
        }
        return true;
    }
}
