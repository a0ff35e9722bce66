using System.Collections.Immutable;

namespace Hatchery.Disks;

/// <summary>
/// The closed layers of a store. One lies where images lie, <c>images/LAYER/layer</c>, with a manifest and chunks as theirs, and is moved to other
/// servers, verified and deleted in the same way.
/// </summary>
public sealed partial class Store
{
    private const string LayerName = "layer";

    // A chain of layers cannot be longer: whoever wants more has to merge some.
    private const int ChainMax = 1000;

    /// <summary>Whether a layer lies here whole, and everything below it.</summary>
    public bool HoldsChain(LayerId layer)
    {
        if (Loss is not null)
            return false;
        for (
            var depth = 0;
            depth < ChainMax && DamageOf(layer) is null && FindImage(layer).Value is { } manifest;
            depth++
        )
            if (manifest.Parent is { } parent)
                layer = parent;
            else
                return true;
        return false;
    }

    /// <summary>
    /// Opens what a session reads below its write cache: a base image and the closed layers on it, each checked to be this farm's, to lie on the
    /// one before and to have whole indexes. Data are compared with their checksums when they are read.
    /// </summary>
    /// <param name="chain">As <see cref="DiskPlan.Chain"/>.</param>
    public StoreOutcome<IBlockReader> OpenChain(FarmId farm, IReadOnlyList<LayerId> chain)
    {
        if (Loss is { } loss)
            return loss;
        var files = new List<(LayerId, string, long)>();
        for (var i = 1; i < chain.Count; i++)
        {
            var found = FindImage(chain[i]);
            if (found.Value is not { } manifest)
                return found.Fault!;
            if (manifest.Parent is not { } parent || parent != chain[i - 1])
                return new StoreFault(
                    StoreFaultKind.Refused,
                    ImagePath(chain[i]),
                    manifest.Parent is null
                        ? "a base image, which lies on nothing"
                        : $"it lies on layer {manifest.Parent}, not on {chain[i - 1]}"
                );
            var path = DiskPath(manifest);
            if (WrongLength(path, manifest) is { } fault)
                return fault;
            files.Add((chain[i], path, DiskBlocksBytes(manifest)));
        }
        var image = OpenImage(chain[0]);
        if (image.Value is not { } below)
            return image.Fault!;
        return files.Count == 0 ? below : LayerChain.Open(_files, _pool, farm, files, below, _indexes);
    }

    /// <summary>The length of the disk as sessions have it: filled up to whole blocks.</summary>
    private static long DiskBlocksBytes(ImageManifest manifest) =>
        (manifest.DiskBytes + RecordExtent.BlockBytes - 1) / RecordExtent.BlockBytes * RecordExtent.BlockBytes;

    private static StoreFault? WrongLength(string path, ImageManifest manifest) =>
        new FileInfo(path) is not { Exists: true } file ? new(StoreFaultKind.Missing, path, "not there")
        : file.Length != manifest.LengthBytes
            ? new(StoreFaultKind.Damaged, path, $"{file.Length} bytes, but its manifest says {manifest.LengthBytes}")
        : null;
}
