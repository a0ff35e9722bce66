using System.Buffers.Binary;
using Hatchery.Disks;

namespace Hatchery.Mirroring.Tests;

/// <summary>What a device has written and may rely on, block by block.</summary>
internal sealed class DiskModel(Random random)
{
    public const int BlockBytes = 4096;
    public const int Blocks = 512;
    public const int DiskBytes = Blocks * BlockBytes;

    private readonly int[] _written = new int[Blocks];
    private readonly int[] _acknowledged = new int[Blocks];
    private readonly int[] _flushed = new int[Blocks];

    /// <summary>Writes, and discards, at once, each of another block.</summary>
    public async Task<DiskStatus> WriteAsync(WriteCache cache, int count)
    {
        var blocks = Enumerable.Range(0, Blocks).ToArray();
        random.Shuffle(blocks);
        var writes = blocks[..count]
            .Select(async block =>
            {
                var version = ++_written[block];
                var status = IsZero(block, version)
                    ? await cache.ZeroAsync((long)block * BlockBytes, BlockBytes, CancellationToken.None)
                    : await cache.WriteAsync((long)block * BlockBytes, Content(block, version), CancellationToken.None);
                if (status == DiskStatus.Ok)
                    _acknowledged[block] = version;
                return status;
            })
            .ToArray();
        var answers = await Task.WhenAll(writes);
        return answers.FirstOrDefault(a => a != DiskStatus.Ok);
    }

    /// <summary>The same, and flushes; none of it may fail.</summary>
    public async Task WriteFlushedAsync(WriteCache cache, int count)
    {
        Assert.Equal(DiskStatus.Ok, await WriteAsync(cache, count).WaitAsync(TestFarm.Patience));
        Assert.Equal(DiskStatus.Ok, await FlushAsync(cache).WaitAsync(TestFarm.Patience));
    }

    public async Task<DiskStatus> FlushAsync(WriteCache cache)
    {
        int[] before = [.. _acknowledged];
        var status = await cache.FlushAsync();
        if (status == DiskStatus.Ok)
            before.CopyTo(_flushed, 0);
        return status;
    }

    /// <summary>Every block reads as it was when it was flushed, or as something that was written since.</summary>
    public void Check(WriteCache cache)
    {
        var read = new byte[BlockBytes];
        for (var block = 0; block < Blocks; block++)
        {
            Assert.Equal(DiskStatus.Ok, cache.Read((long)block * BlockBytes, read));
            var version = _written[block];
            while (version >= _flushed[block] && !read.AsSpan().SequenceEqual(Content(block, version)))
                version--;
            Assert.True(
                version >= _flushed[block],
                $"block {block} is not what was flushed ({_flushed[block]}) or written since ({_written[block]})"
            );
        }
    }

    private static bool IsZero(int block, int version) => version == 0 || (block + version) % 7 == 0;

    private static byte[] Content(int block, int version)
    {
        var bytes = new byte[BlockBytes];
        if (IsZero(block, version))
            return bytes;
        new Random((block << 16) + version).NextBytes(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, version);
        return bytes;
    }
}
