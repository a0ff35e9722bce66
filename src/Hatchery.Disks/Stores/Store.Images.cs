namespace Hatchery.Disks;

/// <summary>The images of a store: <c>images/LAYER/disk.raw</c> beside its manifest and the hashes of its chunks, and perhaps a kernel and an initrd.</summary>
public sealed partial class Store
{
    private const string DiskName = "disk.raw";
    private const string ChunksName = "chunks";
    private const string ManifestName = "manifest.json";

    /// <summary>Every whole image that lies here.</summary>
    public IReadOnlyList<ImageManifest> ListImages() =>
        [
            .. new DirectoryInfo(ImagesPath)
                .EnumerateDirectories()
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

    /// <summary>Opens an image whose length is what its manifest says; <see cref="VerifyImageAsync"/> compares its bytes.</summary>
    public StoreOutcome<BaseImage> OpenImage(LayerId layer)
    {
        var found = FindImage(layer);
        if (found.Value is not { } manifest)
            return found.Fault!;
        var opened = BaseImage.Open(Path.Combine(ImagePath(layer), DiskName), layer);
        if (opened.Value is not { } image || image.FileLengthBytes == manifest.LengthBytes)
            return opened;
        image.Dispose();
        return new StoreFault(
            StoreFaultKind.Damaged,
            Path.Combine(ImagePath(layer), DiskName),
            $"{image.FileLengthBytes} bytes, but its manifest says {manifest.LengthBytes}"
        );
    }

    /// <summary>The path of an image's kernel or initrd; null when it has none.</summary>
    public string? CompanionPath(LayerId layer, ImageCompanion companion)
    {
        var path = Path.Combine(ImagePath(layer), ImageManifest.FileName(companion));
        return File.Exists(path) ? path : null;
    }

    /// <summary>Deletes an image that no one has open; the caller sees to that. None left is success.</summary>
    public StoreFault? DeleteImage(LayerId layer)
    {
        var path = ImagePath(layer);
        try
        {
            if (Directory.Exists(path))
                Discard(path);
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
