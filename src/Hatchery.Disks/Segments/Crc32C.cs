using System.Numerics;
using System.Runtime.InteropServices;

namespace Hatchery.Disks;

/// <summary>CRC-32C (Castagnoli, RFC 3720 section B.4), in the processor's own instruction where it has one.</summary>
internal static class Crc32C
{
    // Three independent chains hide the instruction's latency of three cycles; three lanes fill 4,080 of a 4,096-byte block.
    private const int LaneBytes = 1360;

    private const int PageBytes = 4096;
    private const int SectorBytes = 512;

    private static readonly uint[] s_overOneLane = ShiftTable(LaneBytes);
    private static readonly uint[] s_overOnePage = ShiftTable(PageBytes);
    private static readonly uint[] s_overOneSector = ShiftTable(SectorBytes);

    /// <summary>The CRC of what <paramref name="crc"/> covers followed by <paramref name="data"/>; 0 covers nothing.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        var state = ~crc;
        while (data.Length >= 3 * LaneBytes)
        {
            state = ThreeLanes(state, MemoryMarshal.Cast<byte, ulong>(data[..(3 * LaneBytes)]));
            data = data[(3 * LaneBytes)..];
        }
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
            state = BitOperations.Crc32C(state, word);
        foreach (var value in data[(words.Length * sizeof(ulong))..])
            state = BitOperations.Crc32C(state, value);
        return ~state;
    }

    /// <summary>The CRC of two pieces one behind the other, from the CRC of each.</summary>
    /// <param name="secondBytes">Length of the second; a multiple of 512.</param>
    public static uint Combine(uint first, uint second, int secondBytes)
    {
        for (; secondBytes >= PageBytes; secondBytes -= PageBytes)
            first = Shift(s_overOnePage, first);
        for (; secondBytes > 0; secondBytes -= SectorBytes)
            first = Shift(s_overOneSector, first);
        return first ^ second;
    }

    private static uint ThreeLanes(uint state, ReadOnlySpan<ulong> words)
    {
        const int Lane = LaneBytes / sizeof(ulong);
        var first = words[..Lane];
        var second = words.Slice(Lane, Lane);
        var third = words.Slice(2 * Lane, Lane);
        uint a = state,
            b = 0,
            c = 0;
        for (var i = 0; i < Lane; i++)
        {
            a = BitOperations.Crc32C(a, first[i]);
            b = BitOperations.Crc32C(b, second[i]);
            c = BitOperations.Crc32C(c, third[i]);
        }
        return Shift(s_overOneLane, Shift(s_overOneLane, a) ^ b) ^ c;
    }

    private static uint Shift(uint[] over, uint state) =>
        over[state & 0xff]
        ^ over[256 + ((state >> 8) & 0xff)]
        ^ over[512 + ((state >> 16) & 0xff)]
        ^ over[768 + (state >> 24)];

    /// <summary>What each byte of a state becomes when <paramref name="zeroBytes"/> zero bytes follow: the state's update is linear.</summary>
    private static uint[] ShiftTable(int zeroBytes)
    {
        var basis = new uint[32];
        for (var bit = 0; bit < 32; bit++)
        {
            var state = 1u << bit;
            for (var i = 0; i < zeroBytes; i++)
                state = BitOperations.Crc32C(state, (byte)0);
            basis[bit] = state;
        }
        var table = new uint[4 * 256];
        for (var position = 0; position < 4; position++)
        for (var value = 0; value < 256; value++)
        for (var bit = 0; bit < 8; bit++)
            if ((value & (1 << bit)) != 0)
                table[(position * 256) + value] ^= basis[(position * 8) + bit];
        return table;
    }
}
