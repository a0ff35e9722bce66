using System.Runtime.InteropServices;

namespace EndToEnd;

/// <summary>An image in which every 8 bytes are the number of these 8 bytes.</summary>
internal static class CrowdImage
{
    private const int SizeBytes = 32 << 20;

    public static async Task WriteAsync(string path)
    {
        var words = new ulong[SizeBytes / sizeof(ulong)];
        for (var i = 0; i < words.Length; i++)
            words[i] = (ulong)i;
        await File.WriteAllBytesAsync(path, MemoryMarshal.AsBytes<ulong>(words).ToArray());
    }

    /// <summary>Whether these are the image's bytes from that offset, a multiple of 8, on.</summary>
    public static bool Is(long offset, ReadOnlySpan<byte> bytes)
    {
        var expected = (ulong)(offset / sizeof(ulong));
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            if (word != expected++)
                return false;
        return true;
    }
}
