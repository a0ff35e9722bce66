using Hatchery.Disks;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Benchmarks;

/// <summary>A file in the page cache, read as nbdkit's file plugin reads it.</summary>
internal sealed class FileDisk(string path) : IDisk
{
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);

    public long LengthBytes { get; } = new FileInfo(path).Length;

    public int BlockSizeBytes => 512;

    public bool IsReadOnly => false;

    public ValueTask<DiskStatus> ReadAsync(
        long offset,
        Memory<byte> destination,
        CancellationToken cancellation = default
    )
    {
        var read = RandomAccess.Read(_file, destination.Span, offset);
        return new(read == destination.Length ? DiskStatus.Ok : DiskStatus.IoError);
    }

    public ValueTask<DiskStatus> WriteAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    )
    {
        RandomAccess.Write(_file, data.Span, offset);
        return new(DiskStatus.Ok);
    }

    public ValueTask<DiskStatus> ZeroAsync(
        long offset,
        long lengthBytes,
        bool forceUnitAccess = false,
        CancellationToken cancellation = default
    )
    {
        RandomAccess.Write(_file, new byte[lengthBytes], offset);
        return new(DiskStatus.Ok);
    }

    public ValueTask<DiskStatus> FlushAsync(CancellationToken cancellation = default)
    {
        RandomAccess.FlushToDisk(_file);
        return new(DiskStatus.Ok);
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
