using System.Runtime.InteropServices;

namespace Hatchery.Disks.Tests;

/// <summary>What each sector of a disk may hold: every state it was given, and the oldest that may still be seen.</summary>
internal sealed class CacheModel(int sectors)
{
    public const uint Zeroes = 0;

    private readonly List<uint>[] _history = [.. Enumerable.Range(0, sectors).Select(_ => new List<uint> { Zeroes })];
    private readonly int[] _acknowledged = new int[sectors];
    private readonly int[] _flushed = new int[sectors];
    private readonly uint[] _saved = new uint[sectors];
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
        for (var i = 0; i < before.Length; i++)
            _flushed[i] = Math.Max(_flushed[i], before[i]);
    }

    public bool HasFlushed => _flushed.Any(f => f > 0);

    /// <summary>What is there now will be there for ever: it is in a closed layer.</summary>
    public void Save()
    {
        for (var i = 0; i < sectors; i++)
            Settle(i, _saved[i] = _history[i][_acknowledged[i]]);
    }

    /// <summary>Back to what was saved last.</summary>
    public void Restore()
    {
        for (var i = 0; i < sectors; i++)
            Settle(i, _saved[i]);
    }

    /// <summary>Null, or what is wrong with bytes that are read while nothing is being written.</summary>
    public string? Compare(ReadOnlySpan<byte> disk)
    {
        for (var sector = 0; sector < sectors; sector++)
            if (Judge(disk, sector, _acknowledged[sector], "no crash", out _) is { } wrong)
                return wrong;
        return null;
    }

    /// <summary>Null, or what is wrong with the disk's bytes after a crash; from then on what was seen is what is there.</summary>
    public string? Check(ReadOnlySpan<byte> disk, bool lostPower)
    {
        for (var sector = 0; sector < sectors; sector++)
        {
            var oldest = lostPower ? _flushed[sector] : _acknowledged[sector];
            if (Judge(disk, sector, oldest, lostPower ? "a loss of power" : "a kill", out var seen) is { } wrong)
                return wrong;
            Settle(sector, seen);
        }
        return null;
    }

    private string? Judge(ReadOnlySpan<byte> disk, int sector, int oldest, string after, out uint seen)
    {
        var words = MemoryMarshal.Cast<byte, uint>(disk.Slice(sector * 512, 512));
        seen = words[0];
        if (words.ContainsAnyExcept(seen))
            return $"sector {sector} is a mixture";
        return seen == uint.MaxValue || _history[sector].LastIndexOf(seen) < oldest
            ? $"sector {sector} holds {seen}, but after {after} it may hold only one of "
                + string.Join(',', _history[sector].Skip(oldest))
            : null;
    }

    private void Settle(int sector, uint state)
    {
        _history[sector].Clear();
        _history[sector].Add(state);
        _acknowledged[sector] = _flushed[sector] = 0;
    }
}
