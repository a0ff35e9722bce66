using Hatchery.Disks;

namespace Hatchery.Streaming.Tests;

/// <summary>A disk in memory that a test can make slow or failing.</summary>
internal sealed class MemoryDisk(int lengthBytes, bool isReadOnly = false, int blockBytes = 512) : IDisk
{
    private readonly Lock _gate = new();

    public byte[] Bytes { get; } = new byte[lengthBytes];

    public long LengthBytes => Bytes.Length;

    public int BlockSizeBytes => blockBytes;

    public bool IsReadOnly => isReadOnly;

    /// <summary>What every request waits for before it is carried out; null answers at once.</summary>
    public Func<string, Task>? Before { get; set; }

    /// <summary>How writes end instead of being carried out.</summary>
    public DiskStatus WriteStatus { get; set; }

    /// <summary>Thrown by every request: a store that breaks its contract.</summary>
    public Exception? Failure { get; set; }

    public int Flushes { get; private set; }

    public int ForcedWrites { get; private set; }

    /// <summary>Writes that came while more were said to follow.</summary>
    public int GatheredWrites { get; private set; }

    public bool IsGathering { get; private set; }

    public void BeginGathering() => IsGathering = true;

    public void EndGathering() => IsGathering = false;

    public ValueTask<DiskStatus> ReadAsync(
        long offset,
        Memory<byte> destination,
        CancellationToken cancellation = default
    ) =>
        DoAsync(
            "read",
            () =>
            {
                if (!Fits(offset, destination.Length))
                    return DiskStatus.OutOfRange;
                Bytes.AsSpan((int)offset, destination.Length).CopyTo(destination.Span);
                return DiskStatus.Ok;
            }
        );

    public ValueTask<DiskStatus> WriteAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    )
    {
        GatheredWrites += IsGathering ? 1 : 0;
        return DoAsync(
            "write",
            () =>
            {
                if (WriteStatus != DiskStatus.Ok)
                    return WriteStatus;
                if (!Fits(offset, data.Length))
                    return DiskStatus.OutOfRange;
                ForcedWrites += forceUnitAccess ? 1 : 0;
                data.Span.CopyTo(Bytes.AsSpan((int)offset));
                return DiskStatus.Ok;
            }
        );
    }

    public ValueTask<DiskStatus> ZeroAsync(
        long offset,
        long lengthBytes,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    ) =>
        DoAsync(
            "zero",
            () =>
            {
                if (WriteStatus != DiskStatus.Ok)
                    return WriteStatus;
                if (!Fits(offset, lengthBytes))
                    return DiskStatus.OutOfRange;
                ForcedWrites += forceUnitAccess ? 1 : 0;
                Bytes.AsSpan((int)offset, (int)lengthBytes).Clear();
                return DiskStatus.Ok;
            }
        );

    public ValueTask<DiskStatus> FlushAsync(CancellationToken cancellation = default) =>
        DoAsync(
            "flush",
            () =>
            {
                Flushes++;
                return DiskStatus.Ok;
            }
        );

    /// <summary>What its end waits for.</summary>
    public Task Closing { get; set; } = Task.CompletedTask;

    public bool IsClosed { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await Closing;
        IsClosed = true;
    }

    private ValueTask<DiskStatus> DoAsync(string what, Func<DiskStatus> act)
    {
        if (Failure is not null)
            throw Failure;
        return Before is { } before ? Wait(before(what)) : ValueTask.FromResult(Locked());

        async ValueTask<DiskStatus> Wait(Task task)
        {
            await task;
            return Locked();
        }

        DiskStatus Locked()
        {
            lock (_gate)
                return act();
        }
    }

    private bool Fits(long offset, long length) =>
        offset % blockBytes == 0 && length % blockBytes == 0 && offset >= 0 && offset + length <= LengthBytes;
}
