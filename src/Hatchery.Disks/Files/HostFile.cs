using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>One open file of the host.</summary>
internal sealed unsafe partial class HostFile(SafeFileHandle handle) : ISegmentFile
{
    public const int BuffersMax = 64;
    private const int Interrupted = 4; // EINTR

    [ThreadStatic]
    private static MemoryHandle[]? t_pins;

    public long Length => RandomAccess.GetLength(handle);

    public int Read(Span<byte> destination, long offset)
    {
        var done = 0;
        while (done < destination.Length)
        {
            var count = RandomAccess.Read(handle, destination[done..], offset + done);
            if (count == 0)
                break;
            done += count;
        }
        return done;
    }

    // One pwritev, as RandomAccess does it, but without its arrays for every call.
    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buffers.Count, BuffersMax);
        var pins = t_pins ??= new MemoryHandle[BuffersMax];
        Span<IoVector> vectors = stackalloc IoVector[BuffersMax];
        vectors = vectors[..buffers.Count];
        for (var i = 0; i < vectors.Length; i++)
        {
            pins[i] = buffers[i].Pin();
            vectors[i] = new((byte*)pins[i].Pointer, (nuint)buffers[i].Length);
        }
        try
        {
            WriteAll(vectors, offset);
        }
        finally
        {
            for (var i = 0; i < vectors.Length; i++)
                pins[i].Dispose();
        }
    }

    public void Truncate(long length) => RandomAccess.SetLength(handle, length);

    // Not RandomAccess.FlushToDisk: it takes some of fsync's errors for success.
    public void Sync()
    {
        while (Fsync(handle) != 0)
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw Failure("fsync");
    }

    public void Dispose() => handle.Dispose();

    private void WriteAll(Span<IoVector> vectors, long offset)
    {
        while (!vectors.IsEmpty)
        {
            nint written;
            fixed (IoVector* first = vectors)
                written = Pwritev(handle, first, vectors.Length, offset);
            if (written < 0 && Marshal.GetLastPInvokeError() == Interrupted)
                continue;
            if (written < 0)
                throw Failure("pwritev");
            offset += written;
            var left = (nuint)written;
            while (!vectors.IsEmpty && left >= vectors[0].Length)
            {
                left -= vectors[0].Length;
                vectors = vectors[1..];
            }
            if (left > 0)
                vectors[0] = new(vectors[0].Start + left, vectors[0].Length - left);
        }
    }

    private static IOException Failure(string call) =>
        new($"{call}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "pwritev", SetLastError = true)]
    private static partial nint Pwritev(SafeFileHandle file, IoVector* vectors, int count, long offset);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    /// <summary>Linux's <c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct IoVector(byte* start, nuint length)
    {
        public readonly byte* Start = start;
        public readonly nuint Length = length;
    }
}
