using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>A raw image, perhaps sparse, read and never written; shared by all sessions that use it. Thread-safe.</summary>
public sealed class BaseImage : IBlockReader
{
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly ImageHealth _health;

    private BaseImage(SafeFileHandle file, string path, LayerId layer, int sectorBytes, ImageHealth health)
    {
        (_file, _path, Layer, SectorBytes, _health) = (file, path, layer, sectorBytes, health);
        FileLengthBytes = RandomAccess.GetLength(file);
        LengthBytes =
            (FileLengthBytes + RecordExtent.BlockBytes - 1) / RecordExtent.BlockBytes * RecordExtent.BlockBytes;
    }

    public LayerId Layer { get; }

    public int SectorBytes { get; }

    public long FileLengthBytes { get; }

    /// <summary>The disk's length: the file's, filled up to 512 bytes with zeroes that only readers see.</summary>
    public long LengthBytes { get; }

    public static StoreOutcome<BaseImage> Open(string path, LayerId layer, int sectorBytes = RecordExtent.BlockBytes) =>
        Open(path, layer, sectorBytes, new());

    internal static StoreOutcome<BaseImage> Open(string path, LayerId layer, int sectorBytes, ImageHealth health)
    {
        try
        {
            return new BaseImage(
                File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete),
                path,
                layer,
                sectorBytes,
                health
            );
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
        catch (UnauthorizedAccessException error)
        {
            return new StoreFault(StoreFaultKind.IoError, path, error.Message);
        }
    }

    public DiskStatus Read(long offset, Span<byte> destination, out StoreFault? fault)
    {
        fault = null;
        if (_health.Damage is { } damage && damage.Covers(offset, destination.Length))
        {
            fault = new(StoreFaultKind.Damaged, _path, "what lies there is damaged: see pbm vdisk check", offset);
            return DiskStatus.IoError;
        }
        try
        {
            while (!destination.IsEmpty)
            {
                var count = RandomAccess.Read(_file, destination, offset);
                if (count == 0)
                    break;
                offset += count;
                destination = destination[count..];
            }
        }
        catch (ObjectDisposedException)
        {
            return DiskStatus.IoError;
        }
        catch (IOException error)
        {
            fault = new(StoreFaultKind.IoError, _path, error.Message, offset);
            return DiskStatus.IoError;
        }
        // A file that became shorter is not a disk of zeroes.
        if (offset < FileLengthBytes && !destination.IsEmpty)
            return DiskStatus.IoError;
        destination.Clear();
        return DiskStatus.Ok;
    }

    /// <summary>Reads whole blocks inside the disk.</summary>
    public DiskStatus Read(long offset, Span<byte> destination) => Read(offset, destination, out _);

    public void Dispose() => _file.Dispose();
}
