using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>
/// An image as a list of chunks of 4 MiB, each known by its SHA-256: what imports record, verifying compares, exports read, and
/// what moves between servers. The hash of the list is the hash of the whole image. The file <c>chunks</c> beside the disk holds
/// the hashes one after the other, 32 bytes each.
/// </summary>
public sealed class ImageChunks
{
    public const int ChunkBytes = 4 << 20;
    public const int HashBytes = SHA256.HashSizeInBytes;

    private static readonly byte[] s_zeroes = SHA256.HashData(new byte[ChunkBytes]);

    private readonly byte[] _hashes;

    private ImageChunks(byte[] hashes, long lengthBytes) => (_hashes, LengthBytes) = (hashes, lengthBytes);

    public long LengthBytes { get; }

    public long Count => _hashes.Length / HashBytes;

    /// <summary>SHA-256 of all chunks' hashes: 64 lower-case hexadecimal digits.</summary>
    public string Sha256 => HashOf(_hashes);

    public ReadOnlySpan<byte> this[long chunk] => _hashes.AsSpan((int)(chunk * HashBytes), HashBytes);

    /// <summary>Whether a chunk is nothing but zeroes, and need not be moved.</summary>
    public bool IsZeroes(long chunk) => this[chunk].SequenceEqual(HashOfZeroes(LengthOf(chunk)).Span);

    public int LengthOf(long chunk) => (int)Math.Min(ChunkBytes, LengthBytes - (chunk * ChunkBytes));

    /// <summary>Of the chunks that are not zeroes.</summary>
    public long DataBytes
    {
        get
        {
            var bytes = 0L;
            for (long chunk = 0; chunk < Count; chunk++)
                bytes += IsZeroes(chunk) ? 0 : LengthOf(chunk);
            return bytes;
        }
    }

    /// <summary>The hashes of some chunks, 32 bytes each.</summary>
    public ReadOnlyMemory<byte> Hashes(long from, long to) =>
        _hashes.AsMemory((int)(from * HashBytes), (int)((to - from) * HashBytes));

    /// <summary>How many chunks, from the first one on, have the hashes given.</summary>
    internal long SameFirst(ReadOnlySpan<byte> hashes) => hashes.CommonPrefixLength(_hashes) / HashBytes;

    /// <summary>How many chunks a disk has; its last may be shorter.</summary>
    public static long CountOf(long lengthBytes) => (lengthBytes + ChunkBytes - 1) / ChunkBytes;

    /// <summary>Null for what is no list of the chunks of a disk of that length.</summary>
    public static ImageChunks? TryRead(byte[] hashes, long lengthBytes) =>
        hashes.LongLength == CountOf(lengthBytes) * HashBytes ? new(hashes, lengthBytes) : null;

    internal static ReadOnlyMemory<byte> HashOfZeroes(int lengthBytes) =>
        lengthBytes == ChunkBytes ? s_zeroes : SHA256.HashData(new byte[lengthBytes]);

    internal static string HashOf(ReadOnlySpan<byte> hashes) => Convert.ToHexStringLower(SHA256.HashData(hashes));
}

/// <summary>Hashes the chunks of a raw disk's file, one after the other. Holes cost nothing.</summary>
internal sealed partial class ChunkReader(SafeFileHandle file, long lengthBytes)
{
    private const int SeekData = 3;
    private const int NothingThere = 6; // ENXIO

    private readonly byte[] _piece = new byte[ImageChunks.ChunkBytes];

    // Data begins here or later: what lies before it, from the last chunk asked for, is a hole.
    private long _nextData = -1;

    /// <summary>The file was written to since: where its holes are is looked up again.</summary>
    public void Changed() => _nextData = -1;

    /// <exception cref="IOException">It cannot be read.</exception>
    public async ValueTask HashAsync(long chunk, Memory<byte> hash, CancellationToken cancellation)
    {
        var offset = chunk * ImageChunks.ChunkBytes;
        var length = (int)Math.Min(ImageChunks.ChunkBytes, lengthBytes - offset);
        if (IsHole(offset, length))
        {
            ImageChunks.HashOfZeroes(length).CopyTo(hash);
            return;
        }
        for (var done = 0; done < length; )
        {
            var count = await RandomAccess.ReadAsync(
                file,
                _piece.AsMemory(done, length - done),
                offset + done,
                cancellation
            );
            if (count == 0)
                throw new EndOfStreamException($"it ends at byte {offset + done}, not at {lengthBytes}");
            done += count;
        }
        SHA256.HashData(_piece.AsSpan(0, length), hash.Span);
    }

    private bool IsHole(long offset, int length)
    {
        if (_nextData < offset)
        {
            _nextData = Seek(file, offset, SeekData);
            if (_nextData < 0)
                // A file system that knows no holes says so, or that data begins where one looks.
                _nextData = Marshal.GetLastPInvokeError() == NothingThere ? RandomAccess.GetLength(file) : offset;
        }
        return _nextData >= offset + length && RandomAccess.GetLength(file) >= offset + length;
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);
}
