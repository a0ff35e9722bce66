namespace Hatchery.Disks;

/// <summary>The images of a store: <c>images/LAYER/disk.raw</c>, or <c>layer</c>, beside its manifest and the hashes of its chunks, and perhaps a kernel and an initrd.</summary>
public sealed partial class Store
{
    private const string DiskName = "disk.raw";
    private const string ChunksName = "chunks";
    private const string ManifestName = "manifest.json";

    /// <summary>Every whole image that lies here.</summary>
    public IReadOnlyList<ImageManifest> ListImages() =>
        [
            .. FoldersIn(ImagesPath)
                .Select(f => LayerId.TryParse(f.Name, null, out var layer) ? FindImage(layer).Value : null)
                .OfType<ImageManifest>(),
        ];

    public StoreOutcome<ImageManifest> FindImage(LayerId layer)
    {
        var path = Path.Combine(ImagePath(layer), ManifestName);
        try
        {
            if (ImageManifest.TryRead(File.ReadAllBytes(path)) is not { } manifest || manifest.Layer != layer)
                return new StoreFault(
                    StoreFaultKind.Damaged,
                    path,
                    "the manifest cannot be read, or is another image's"
                );
            return manifest;
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
    }

    /// <summary>Opens a base image whose length is what its manifest says; <see cref="VerifyImageAsync"/> compares its bytes.</summary>
    public StoreOutcome<BaseImage> OpenImage(LayerId layer)
    {
        var found = FindImage(layer);
        if (found.Value is not { } manifest)
            return found.Fault!;
        if (manifest.Parent is { } parent)
            return new StoreFault(
                StoreFaultKind.Refused,
                ImagePath(layer),
                $"no base image: it lies on layer {parent}"
            );
        return WrongLength(DiskPath(manifest), manifest)
            ?? BaseImage.Open(DiskPath(manifest), layer, manifest.SectorBytes, HealthOf(layer));
    }

    /// <summary>The path of an image's kernel or initrd, a layer's being that of the image below; null when it has none.</summary>
    public string? CompanionPath(LayerId layer, ImageCompanion companion)
    {
        for (var depth = 0; depth < ChainMax; depth++)
        {
            var path = Path.Combine(ImagePath(layer), ImageManifest.FileName(companion));
            if (File.Exists(path))
                return path;
            if (FindImage(layer).Value is not { Parent: { } parent })
                break;
            layer = parent;
        }
        return null;
    }

    /// <summary>Deletes an image that no one has open; the caller sees to that. None left is success.</summary>
    public StoreFault? DeleteImage(LayerId layer)
    {
        var path = ImagePath(layer);
        try
        {
            if (Directory.Exists(path))
                Discard(path);
            _health.TryRemove(layer, out _);
            _files.SyncFolder(ImagesPath);
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            // Deleted by another at this moment.
            return null;
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
    }

    private string ImagePath(LayerId layer) => Path.Combine(ImagesPath, layer.ToString());
}
