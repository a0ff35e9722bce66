using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

public sealed partial class Store
{
    /// <summary>
    /// An image that a machine sends from its first chunk to its last. Whatever ends that, what came stays for the next attempt. For one caller at a
    /// time.
    /// </summary>
    public sealed class Capture : IDisposable
    {
        /// <summary>So many chunks of zeroes are told of at once.</summary>
        public const int ZeroesMax = 4096;

        private readonly Store _store;
        private readonly string _key;
        private readonly RunningTransfer _running;
        private readonly MachineDisk _disk;
        private readonly TimeProvider _time;
        private readonly SafeFileHandle _file;
        private readonly TransferProgress _progress;
        private byte[] _hashes;

        // Chunks whose hashes are known, perhaps by an earlier attempt; those of them that are durable.
        private long _known;
        private long _durable;
        private int _writtenSince;
        private bool _isImage;

        internal Capture(Store store, string key, RunningTransfer running, MachineDisk disk, TimeProvider time)
        {
            (_store, _key, _running, _disk, _time) = (store, key, running, disk, time);
            Count = ImageChunks.CountOf(disk.LengthBytes);
            _progress = new(Path.Combine(running.Folder, ChunksName), ImageChunks.HashBytes);
            _hashes = _progress.Read();
            _known = _durable = Math.Min(Count, _hashes.Length / ImageChunks.HashBytes);
            _file = File.OpenHandle(
                Path.Combine(running.Folder, DiskName),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete
            );
            ForgetFrom(_known);
        }

        public long Count { get; }

        /// <summary>The chunk that is to come.</summary>
        public long Next { get; private set; }

        public int Percent => (int)(100 * Next / Count);

        public int LengthOf(long chunk) =>
            (int)Math.Min(ImageChunks.ChunkBytes, _disk.LengthBytes - (chunk * ImageChunks.ChunkBytes));

        /// <summary>Whether this chunk is here already with this hash, and need not be sent.</summary>
        public bool Has(long chunk, ReadOnlySpan<byte> hash)
        {
            if (chunk < 0 || chunk > Next || chunk >= _known || !HashAt(chunk).SequenceEqual(hash))
                return false;
            Next = Math.Max(Next, chunk + 1);
            _running.Report((double)Next / Count);
            return true;
        }

        public StoreFault? Take(long chunk, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> bytes)
        {
            if (Has(chunk, hash))
                return null;
            if (chunk != Next || chunk >= Count)
                return Unexpected(chunk);
            if (bytes.Length != LengthOf(chunk))
                return Refused($"chunk {chunk} has {LengthOf(chunk)} bytes, not {bytes.Length}");
            if (!hash.SequenceEqual(SHA256.HashData(bytes)))
                return Refused($"the bytes of chunk {chunk} are not those of its hash");
            if (_store.NoRoomBesideReserve(bytes.Length) is { } full)
                return full;
            try
            {
                ForgetRest();
                WriteSparse(_file, bytes, chunk * ImageChunks.ChunkBytes);
                Add(hash);
                if (++_writtenSince >= ChunksPerSync)
                    Flush();
                return null;
            }
            catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
            {
                return Broken(cannot);
            }
        }

        /// <summary>Chunks that are nothing but zeroes, up to <see cref="ZeroesMax"/> of them.</summary>
        public StoreFault? TakeZeroes(long from, int count)
        {
            if (count is < 1 or > ZeroesMax || from < 0 || from > Count - count)
                return Refused($"{count} chunks of zeroes from chunk {from} on: the disk has {Count}");
            try
            {
                for (var chunk = from; chunk < from + count; chunk++)
                {
                    var hash = ImageChunks.HashOfZeroes(LengthOf(chunk)).Span;
                    if (Has(chunk, hash))
                        continue;
                    if (chunk != Next)
                        return Unexpected(chunk);
                    ForgetRest();
                    Add(hash);
                }
                if (Next - _durable >= ZeroesMax)
                    Flush();
                return null;
            }
            catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
            {
                return Broken(cannot);
            }
        }

        /// <summary>Once all of it came: it is read back, compared, and becomes an image. What is read back wrong is thrown away.</summary>
        /// <param name="progress">Told how much was compared, 0 to 100.</param>
        public async Task<StoreOutcome<ImageManifest>> FinishAsync(
            IProgress<int>? progress,
            CancellationToken cancellation
        )
        {
            if (Next != Count)
                return Unexpected(Count);
            try
            {
                Flush();
                var chunks = ImageChunks.TryRead(_hashes[..(int)(Count * ImageChunks.HashBytes)], _disk.LengthBytes)!;
                var path = Path.Combine(_running.Folder, DiskName);
                var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
                using var verifier = new ChunkVerifier(path, file, chunks, _disk.LengthBytes);
                if (await verifier.VerifyAsync(0, Count, cancellation, progress) is { } damaged)
                {
                    _running.IsKept = false;
                    return damaged;
                }
                var manifest = new ImageManifest(
                    _disk.Layer,
                    _disk.Name,
                    _disk.LengthBytes,
                    chunks.Sha256,
                    MachineFormat,
                    _time.GetUtcNow(),
                    new Dictionary<string, ImageFile>(StringComparer.Ordinal),
                    ImageChunks.ChunkBytes,
                    SectorBytes: _disk.SectorBytes
                );
                var made = await _store.FinishAsync(
                    manifest,
                    name => name == ImageCompanion.Kernel ? _disk.KernelPath : _disk.InitrdPath,
                    _running
                );
                _isImage = made.Value is not null;
                return made;
            }
            catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
            {
                return Broken(cannot);
            }
        }

        public void Dispose()
        {
            if (_file.IsClosed)
                return;
            try
            {
                if (!_isImage && _running.IsKept)
                    Flush();
            }
            catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
            {
                // Then these chunks have to come once more.
            }
            _file.Dispose();
            _store.Finish(_key, _running, _running.IsKept);
            _running.Dispose();
        }

        private Span<byte> HashAt(long chunk) =>
            _hashes.AsSpan((int)(chunk * ImageChunks.HashBytes), ImageChunks.HashBytes);

        private void Add(ReadOnlySpan<byte> hash)
        {
            var end = (int)((Next + 1) * ImageChunks.HashBytes);
            if (_hashes.Length < end)
                Array.Resize(ref _hashes, Math.Max(end, (int)Math.Min(2L * end, Count * ImageChunks.HashBytes)));
            hash.CopyTo(HashAt(Next));
            _known = ++Next;
            _running.Report((double)Next / Count);
        }

        /// <summary>What an earlier attempt had from here on goes: the machine's disk is not the same any more.</summary>
        private void ForgetRest()
        {
            if (_known > Next)
                ForgetFrom(Next);
        }

        /// <summary>All that lies behind becomes a hole.</summary>
        private void ForgetFrom(long chunk)
        {
            _known = chunk;
            if (_durable > chunk)
            {
                _durable = chunk;
                _progress.Append(chunk * ImageChunks.HashBytes, default, sync: true);
            }
            var offset = chunk * ImageChunks.ChunkBytes;
            RandomAccess.SetLength(_file, Math.Min(offset, _disk.LengthBytes));
            RandomAccess.SetLength(_file, _disk.LengthBytes);
        }

        private void Flush()
        {
            if (_durable >= Next)
                return;
            _store.Sync(Path.Combine(_running.Folder, DiskName));
            var at = _durable * ImageChunks.HashBytes;
            _progress.Append(
                at,
                _hashes.AsMemory((int)at, (int)((Next - _durable) * ImageChunks.HashBytes)),
                sync: true
            );
            (_durable, _writtenSince) = (Next, 0);
        }

        private StoreFault Unexpected(long chunk) => Refused($"chunk {chunk} of {Count} came, and {Next} was to come");

        private StoreFault Broken(Exception cannot) =>
            cannot is IOException error
                ? StoreFault.From(error, _running.Folder)
                : new(StoreFaultKind.IoError, _running.Folder, cannot.Message);

        private StoreFault Refused(string why) => new(StoreFaultKind.Refused, _disk.Machine, why);
    }
}
