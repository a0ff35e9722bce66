using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Hatchery.Disks;

/// <summary>Giving out a version that is a layer: its disk is read through everything below, as a machine reads it, and written a slice at a time.</summary>
public sealed partial class Store
{
    private const double ReadShare = 0.6;
    private const string SliceSuffix = ".slice";

    /// <summary>It is not taken up again where it was interrupted: nothing is left of it then.</summary>
    private async Task<StoreOutcome<ExportedImage>> ExportLayersAsync(
        ImageManifest top,
        FarmId farm,
        RunningTransfer running,
        TransferRecord record,
        ExportFormat format,
        bool overwrite
    )
    {
        var chain = ChainOf(top, farm);
        if (chain.Value is not { } disk)
            return chain.Fault!;
        var opened = OpenImage(disk.Chain[0]);
        if (opened.Value is not { } image)
            return opened.Fault!;
        using (image)
        using (var source = new Layer(disk.DiskBytes / RecordExtent.BlockBytes, image))
        {
            if (_indexes.WhyTight(ImagePath(disk.Layer)) is { } tight)
                return tight;
            if (Load(disk, image, source) is { } fault)
                return fault;
            var indexBytes = source.IndexMemoryBytes;
            _indexes.Add(indexBytes);
            try
            {
                return await ExportAsync(new(this, disk, source), running, record, format, overwrite);
            }
            catch (OperationCanceledException)
            {
                ForgetTransfer(running.Folder);
                throw;
            }
            finally
            {
                _indexes.Add(-indexBytes);
            }
        }
    }

    private StoreOutcome<LayerMerge> ChainOf(ImageManifest top, FarmId farm)
    {
        var chain = ImmutableArray.Create(top.Layer);
        for (var manifest = top; manifest.Parent is { } parent; )
        {
            if (chain.Length == ChainMax)
                return new StoreFault(StoreFaultKind.Unsupported, ImagePath(top.Layer), "it lies on too many layers");
            var below = FindImage(parent);
            if (below.Value is null)
                return below.Fault!;
            (manifest, chain) = (below.Value, chain.Insert(0, parent));
        }
        return new LayerMerge(farm, top.Layer, top.Name, chain, Below: 0, DiskBytes: DiskBlocksBytes(top));
    }

    private async Task<StoreOutcome<ExportedImage>> ExportAsync(
        MergedDisk disk,
        RunningTransfer running,
        TransferRecord record,
        ExportFormat format,
        bool overwrite
    )
    {
        var cancellation = running.Cancellation;
        var slices = new ImageSlices(disk.LengthBytes, format.ClusterBytes);
        slices.Add(new(0, disk.LengthBytes, IsData: true, FileOffset: null));
        slices.LimitTo(disk.DataBytes);
        // The slice that is copied just now lies beside the file.
        var data = slices.DataBytesFrom(0);
        var needed = data + Math.Min(data, slices.LengthOf(0)) + format.TableBytes(slices);
        if (NoRoom(Path.GetDirectoryName(record.Path)!, needed) is { } full)
            return full;
        Begin(running, record);
        var made = Path.Combine(Directory.CreateDirectory(record.WorkFolder!).FullName, Path.GetFileName(record.Path));
        if (await QemuImg.CreateAsync(made, format, disk.LengthBytes, cancellation) is { } fault)
            return fault;
        for (var slice = 0; slice < slices.Count; slice++)
        {
            var at = slice;
            var read = await Task.Run(() => ReadSlice(disk, slices, at, made + SliceSuffix, running), cancellation);
            if (read.Fault is { } unread)
                return unread;
            if (!read.HasData)
                continue;
            var copied = await QemuImg.CopyAsync(
                (made + SliceSuffix, RawFormat),
                (made, format.Driver),
                ImageSlices.StartOf(slice),
                slices.LengthOf(slice),
                percent => running.Report(slices.Share(at, ReadShare + ((1 - ReadShare) * percent / 100))),
                cancellation
            );
            if (copied is not null)
                return copied;
        }
        return Place(made, record.Path, overwrite, running);
    }

    /// <summary>Writes what a slice holds where it lies in the disk, in a file with nothing else in it.</summary>
    private static (bool HasData, StoreFault? Fault) ReadSlice(
        MergedDisk disk,
        ImageSlices slices,
        int slice,
        string path,
        RunningTransfer running
    )
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.SetLength(file, disk.LengthBytes);
        var bytes = new byte[ImageChunks.ChunkBytes];
        var (hasData, hash) = (false, new byte[ImageChunks.HashBytes]);
        var (first, end) = (slices.ChunksBefore(slice), slices.ChunksBefore(slice + 1));
        for (var chunk = first; chunk < end; chunk++)
        {
            running.Cancellation.ThrowIfCancellationRequested();
            running.Report(slices.Share(slice, ReadShare * (chunk - first) / (end - first)));
            if (disk.IsHole(chunk))
                continue;
            var data = bytes.AsSpan(0, disk.LengthOf(chunk));
            if (disk.Read(chunk, data, hash) is { } fault)
                return (false, fault);
            hasData |= data.ContainsAnyExcept((byte)0);
            WriteSparse(file, data, chunk * ImageChunks.ChunkBytes);
        }
        return (hasData, null);
    }

    /// <summary>A chain of layers as one disk. What they left as it was is compared with the image's own hashes, everything else with its checksums.</summary>
    private sealed class MergedDisk(Store store, LayerMerge merge, Layer source)
    {
        private readonly ImageChunks? _image = store.ReadChunks(merge.Chain[0]).Value;

        public long LengthBytes => merge.DiskBytes;

        /// <summary>It holds no more than that.</summary>
        public long DataBytes => source.LiveBytes + (_image?.DataBytes ?? merge.DiskBytes);

        public int LengthOf(long chunk) =>
            (int)Math.Min(ImageChunks.ChunkBytes, merge.DiskBytes - (chunk * ImageChunks.ChunkBytes));

        /// <summary>Nothing was ever written there.</summary>
        public bool IsHole(long chunk) => IsAsBelow(chunk) && _image!.IsZeroes(chunk);

        public StoreFault? Read(long chunk, Span<byte> data, Span<byte> hash)
        {
            var offset = chunk * ImageChunks.ChunkBytes;
            var isAsBelow = IsAsBelow(chunk);
            if (source.Read(offset, data, out var fault) != DiskStatus.Ok)
                return fault ?? new(StoreFaultKind.IoError, store.ImagePath(merge.Chain[0]), "it cannot be read");
            SHA256.HashData(data, hash);
            return isAsBelow && !hash.SequenceEqual(_image![chunk])
                ? new(
                    StoreFaultKind.Damaged,
                    Path.Combine(store.ImagePath(merge.Chain[0]), DiskName),
                    NotTheSame,
                    offset
                )
                : null;
        }

        private bool IsAsBelow(long chunk) =>
            chunk < _image?.Count
            && _image.LengthOf(chunk) == LengthOf(chunk)
            && IsBelow(source, chunk * ImageChunks.ChunkBytes, LengthOf(chunk));
    }
}
