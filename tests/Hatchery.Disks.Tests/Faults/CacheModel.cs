using System.Runtime.InteropServices;

namespace Hatchery.Disks.Tests;

/// <summary>What each sector of a disk may hold: every state it was given, and the oldest that may still be seen.</summary>
internal sealed class CacheModel(int sectors)
{
    public const uint Zeroes = 0;

    private readonly List<uint>[] _history = [.. Enumerable.Range(0, sectors).Select(_ => new List<uint> { Zeroes })];
    private readonly int[] _acknowledged = new int[sectors];
    private readonly int[] _flushed = new int[sectors];
    private uint _stamp;

    public int Sectors => sectors;

    /// <summary>Data of which every sector tells who wrote it.</summary>
    public byte[] NewData(int count)
    {
        _stamp++;
        var data = new byte[count * 512];
        MemoryMarshal.Cast<byte, uint>(data.AsSpan()).Fill(_stamp);
        return data;
    }

    /// <summary>The writes of a request that is about to be made; give it back to <see cref="Acknowledge"/> or <see cref="Withdraw"/>.</summary>
    public (int First, int[] Places) Begin(int first, int count, bool zeroes)
    {
        var places = new int[count];
        for (var i = 0; i < count; i++)
        {
            _history[first + i].Add(zeroes ? Zeroes : _stamp);
            places[i] = _history[first + i].Count - 1;
        }
        return (first, places);
    }

    public void Acknowledge((int First, int[] Places) write)
    {
        for (var i = 0; i < write.Places.Length; i++)
            _acknowledged[write.First + i] = Math.Max(_acknowledged[write.First + i], write.Places[i]);
    }

    /// <summary>Nothing of a refused write may ever be seen.</summary>
    public void Withdraw((int First, int[] Places) write)
    {
        for (var i = 0; i < write.Places.Length; i++)
            _history[write.First + i][write.Places[i]] = uint.MaxValue;
    }

    public int[] BeforeFlush() => [.. _acknowledged];

    public void Flushed(int[] before)
    {
        for (var i = 0; i < sectors; i++)
            _flushed[i] = Math.Max(_flushed[i], before[i]);
    }

    /// <summary>Null, or what is wrong with the disk's bytes after a crash; from then on what was seen is what is there.</summary>
    public string? Check(ReadOnlySpan<byte> disk, bool lostPower)
    {
        for (var sector = 0; sector < sectors; sector++)
        {
            var words = MemoryMarshal.Cast<byte, uint>(disk.Slice(sector * 512, 512));
            var seen = words[0];
            if (words.ContainsAnyExcept(seen))
                return $"sector {sector} is a mixture";
            var oldest = lostPower ? _flushed[sector] : _acknowledged[sector];
            if (seen == uint.MaxValue || _history[sector].LastIndexOf(seen) < oldest)
                return $"sector {sector} holds {seen}, but after {(lostPower ? "a loss of power" : "a kill")} it may hold only one of "
                    + string.Join(',', _history[sector].Skip(oldest));
            _history[sector].Clear();
            _history[sector].Add(seen);
            _acknowledged[sector] = _flushed[sector] = 0;
        }
        return null;
    }
}
