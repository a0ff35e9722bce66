using System.Security.Cryptography;

namespace Hatchery.Disks;

/// <summary>What a disk holds, whatever layers it is made of.</summary>
public sealed partial class Store
{
    /// <summary>
    /// Reads a disk through all of its layers, compared with their checksums on the way. The hash is the one that a base image with the same bytes has
    /// (<see cref="ImageManifest.Sha256"/>), so two chains with the same hash read the same.
    /// </summary>
    /// <param name="chain">As <see cref="DiskPlan.Chain"/>.</param>
    /// <param name="progress">Told how much is read, 0 to 100, never less than before.</param>
    /// <param name="pace">Waited for when so many bytes were read, of what is not all zeroes; null: as fast as it goes.</param>
    public async Task<StoreOutcome<string>> HashContentAsync(
        FarmId farm,
        IReadOnlyList<LayerId> chain,
        IProgress<int>? progress = null,
        Func<int, CancellationToken, ValueTask>? pace = null,
        CancellationToken cancellation = default
    )
    {
        var opened = OpenChain(farm, chain);
        if (opened.Value is not { } disk)
            return opened.Fault!;
        using (disk)
            return await Task.Run(() => HashAsync(disk), cancellation);

        async Task<StoreOutcome<string>> HashAsync(IBlockReader disk)
        {
            var (count, bytes) = (ImageChunks.CountOf(disk.LengthBytes), new byte[ImageChunks.ChunkBytes]);
            var hashes = new byte[count * ImageChunks.HashBytes];
            for (long chunk = 0; chunk < count; chunk++)
            {
                cancellation.ThrowIfCancellationRequested();
                var offset = chunk * ImageChunks.ChunkBytes;
                var data = bytes.AsMemory(0, (int)Math.Min(bytes.Length, disk.LengthBytes - offset));
                if (disk.Read(offset, data.Span, out var fault) != DiskStatus.Ok)
                    return fault ?? new(StoreFaultKind.IoError, ImagePath(chain[^1]), "it cannot be read", offset);
                var hash = hashes.AsMemory((int)chunk * ImageChunks.HashBytes, ImageChunks.HashBytes);
                if (data.Span.ContainsAnyExcept((byte)0))
                {
                    SHA256.HashData(data.Span, hash.Span);
                    if (pace is not null)
                        await pace(data.Length, cancellation);
                }
                else
                    ImageChunks.HashOfZeroes(data.Length).CopyTo(hash);
                progress?.Report((int)(100 * (chunk + 1) / count));
            }
            return ImageChunks.HashOf(hashes);
        }
    }
}
