using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>SHA-256 of a file's bytes, a megabyte at a time. Holes cost no disk access: the kernel answers them with zeroes.</summary>
internal static class FileHash
{
    private const int PieceBytes = 1 << 20;

    /// <param name="each">Told the bytes of each piece and where it lies, before the next is read.</param>
    public static async Task<ImageFile> ReadAsync(
        string path,
        Func<ReadOnlyMemory<byte>, long, ValueTask>? each,
        CancellationToken cancellation
    )
    {
        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[PieceBytes];
        long offset = 0;
        while (await RandomAccess.ReadAsync(file, piece, offset, cancellation) is var count and > 0)
        {
            hash.AppendData(piece.AsSpan(0, count));
            if (each is not null)
                await each(piece.AsMemory(0, count), offset);
            offset += count;
        }
        return new(offset, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
