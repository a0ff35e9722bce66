using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>Finding damage in what lies here, and remembering it: what is known to be damaged is neither read nor given to other servers.</summary>
public sealed partial class Store
{
    private const string DamagedName = "damaged";
    private const string CheckedName = "checked";

    private readonly ConcurrentDictionary<LayerId, ImageHealth> _health = new();

    /// <summary>What is known to be damaged of an image that lies here; null: nothing.</summary>
    public ImageDamage? DamageOf(LayerId layer) => _health.GetValueOrDefault(layer)?.Damage;

    /// <summary>The images that are known to be damaged here.</summary>
    public IReadOnlyList<LayerId> Damaged => [.. _health.Where(h => h.Value.Damage is not null).Select(h => h.Key)];

    /// <summary>When all of an image was compared with its hashes last; null: never since it came here.</summary>
    public DateTimeOffset? CheckedAt(LayerId layer)
    {
        var mark = new FileInfo(Path.Combine(ImagePath(layer), CheckedName));
        return mark.Exists ? new(mark.LastWriteTimeUtc) : null;
    }

    /// <summary>
    /// Reads all of an image or closed layer, compares it with its hashes, and those with the hash that it should have. What is damaged is not read any
    /// more, by nobody, until it is repaired.
    /// </summary>
    /// <param name="sha256">As the farm's journal has it.</param>
    /// <param name="pace">Waited for before so many bytes are read; null: as fast as it goes.</param>
    /// <returns>A fault where it is not here at all.</returns>
    public async Task<StoreOutcome<ImageDamage>> CheckImageAsync(
        LayerId layer,
        string sha256,
        TimeProvider time,
        Func<int, CancellationToken, ValueTask>? pace = null,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    )
    {
        if (Loss is { } lost)
            return lost;
        if (!Directory.Exists(ImagePath(layer)))
            return new StoreFault(StoreFaultKind.Missing, ImagePath(layer), "not there");
        List<string> files = [];
        List<long> chunks = [];
        if (FindImage(layer).Value is not { } manifest || manifest.Sha256 != sha256)
            files.Add(ManifestName);
        else
        {
            foreach (var (name, file) in manifest.Companions)
                if (await VerifyFileAsync(Path.Combine(ImagePath(layer), name), file, null, cancellation) is not null)
                    files.Add(name);
            if (manifest.ChunkBytes is null)
            {
                var whole = new ImageFile(manifest.LengthBytes, manifest.Sha256);
                if (await VerifyFileAsync(DiskPath(manifest), whole, null, cancellation) is not null)
                    files.Add(DiskName);
            }
            else if (ReadChunks(manifest).Value is not { } expected)
                files.Add(ChunksName);
            else if (WrongLength(DiskPath(manifest), manifest) is not null)
                files.Add(NameOf(manifest));
            else
                chunks = await FindDamagedAsync(DiskPath(manifest), expected, pace, progress, cancellation);
        }
        var damage = files.Count + chunks.Count == 0 ? ImageDamage.None : new ImageDamage(files, chunks);
        // Where nothing can be read it is not the image that is damaged.
        if (!damage.IsNone && LookAtDisk() is { } loss)
            return loss;
        Remember(layer, damage);
        Touch(Path.Combine(ImagePath(layer), CheckedName), time);
        return damage;
    }

    /// <summary>Damage was found while somebody read: of an image it is remembered; of anything else that is not done here.</summary>
    /// <returns>The image; null where it was of no image.</returns>
    public LayerId? NoteDamage(StoreFault fault)
    {
        if (
            fault is not { Kind: StoreFaultKind.Damaged, Offset: { } offset }
            || Path.GetDirectoryName(fault.Path) is not { } folder
            || Path.GetDirectoryName(folder) != ImagesPath
            || !LayerId.TryParse(Path.GetFileName(folder), null, out var layer)
        )
            return null;
        var known = DamageOf(layer) ?? ImageDamage.None;
        var chunk = offset / ImageChunks.ChunkBytes;
        if (!known.Chunks.Contains(chunk))
            Remember(layer, known with { Chunks = [.. known.Chunks.Append(chunk).Order()] });
        return layer;
    }

    /// <summary>A sector that the disk does not give back is damage as well.</summary>
    private static async Task<List<long>> FindDamagedAsync(
        string path,
        ImageChunks expected,
        Func<int, CancellationToken, ValueTask>? pace,
        IProgress<int>? progress,
        CancellationToken cancellation
    )
    {
        List<long> damaged = [];
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        var reader = new ChunkReader(file, expected.LengthBytes);
        for (long chunk = 0; chunk < expected.Count; chunk++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (pace is not null && !expected.IsZeroes(chunk))
                await pace(expected.LengthOf(chunk), cancellation);
            if (!await IsAsync(expected, chunk, reader, cancellation))
                damaged.Add(chunk);
            progress?.Report((int)(100 * (chunk + 1) / expected.Count));
        }
        return damaged;
    }

    private static async ValueTask<bool> IsAsync(
        ImageChunks expected,
        long chunk,
        ChunkReader reader,
        CancellationToken cancellation
    )
    {
        var hash = new byte[ImageChunks.HashBytes];
        try
        {
            await reader.HashAsync(chunk, hash, cancellation);
            return expected[chunk].SequenceEqual(hash);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private ImageHealth HealthOf(LayerId layer) => _health.GetOrAdd(layer, static _ => new());

    /// <summary>In memory even where the disk does not take it.</summary>
    private void Remember(LayerId layer, ImageDamage damage)
    {
        HealthOf(layer).Damage = damage.IsNone ? null : damage;
        var mark = Path.Combine(ImagePath(layer), DamagedName);
        try
        {
            if (!damage.IsNone)
                Replace(mark, System.Text.Encoding.UTF8.GetBytes(damage.ToText()));
            else if (File.Exists(mark))
            {
                File.Delete(mark);
                _files.SyncFolder(ImagePath(layer));
            }
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            // After a restart it has to be found again.
        }
    }

    private void LoadDamage()
    {
        foreach (var folder in new DirectoryInfo(ImagesPath).EnumerateDirectories())
            if (
                LayerId.TryParse(folder.Name, null, out var layer)
                && new FileInfo(Path.Combine(folder.FullName, DamagedName)) is { Exists: true } mark
            )
                HealthOf(layer).Damage = ImageDamage.Parse(File.ReadAllText(mark.FullName));
    }

    /// <summary>A file is the old one or the new one, also after a loss of power.</summary>
    private void Replace(string path, ReadOnlyMemory<byte> bytes)
    {
        var next = path + ".new";
        using (var file = _files.Create(next))
        {
            file.Write([bytes], 0);
            file.Sync();
        }
        File.Move(next, path, overwrite: true);
        _files.SyncFolder(Path.GetDirectoryName(path)!);
    }

    private static void Touch(string path, TimeProvider time)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
            File.SetLastWriteTimeUtc(file, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            // Then it is checked again sooner.
        }
    }
}
