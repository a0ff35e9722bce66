namespace Hatchery.Disks;

/// <summary>Reading what was imported, to see whether it is still that.</summary>
public sealed partial class Store
{
    /// <summary>Reads an image and its companions whole, and compares them with its manifest; null when they agree.</summary>
    /// <param name="progress">Told how much is read, 0 to 100, never less than before.</param>
    public async Task<StoreFault?> VerifyImageAsync(
        LayerId layer,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var found = FindImage(layer);
        if (found.Value is not { } manifest)
            return found.Fault;
        (string Name, ImageFile File)[] expected =
        [
            .. manifest.Companions.Select(c => (c.Key, c.Value)),
            (DiskName, new(manifest.LengthBytes, manifest.Sha256)),
        ];
        var (done, whole) = (0L, (double)expected.Sum(e => e.File.LengthBytes));
        foreach (var (name, file) in expected)
        {
            var each = Progress(file.LengthBytes, done / whole, (done + file.LengthBytes) / whole, progress);
            if (await VerifyFileAsync(Path.Combine(ImagePath(layer), name), file, each, cancellation) is { } fault)
                return fault;
            done += file.LengthBytes;
        }
        progress?.Report(100);
        return null;
    }

    private static async Task<StoreFault?> VerifyFileAsync(
        string path,
        ImageFile expected,
        Func<ReadOnlyMemory<byte>, long, ValueTask> each,
        CancellationToken cancellation
    )
    {
        try
        {
            return await FileHash.ReadAsync(path, each, cancellation) == expected
                ? null
                : new(StoreFaultKind.Damaged, path, "its bytes are not those that were imported");
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
    }
}
