using System.Numerics;

namespace Akka.Cluster.Sharding;

/// <summary>A hash of text that is the same in every process: Murmur's mixing, two characters a step.</summary>
internal static class StringHash
{
    public static int Of(string text)
    {
        unchecked
        {
            var hash = (uint)text.Length * 0xf7ca7fd2u ^ 0x971e137bu;
            var (a, b) = (0x95543787u, 0x2ad7eb25u);
            var at = 0;
            for (; at + 1 < text.Length; at += 2)
            {
                hash = Mix(hash, ((uint)text[at] << 16) + text[at + 1], a, b);
                a = (a * 5) + 0x7b7d159cu;
                b = (b * 5) + 0x6bce6396u;
            }
            if (at < text.Length)
                hash = Mix(hash, text[at], a, b);
            hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
            hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
            return (int)(hash ^ (hash >> 16));
        }
    }

    private static uint Mix(uint hash, uint value, uint a, uint b) =>
        unchecked(((hash ^ (BitOperations.RotateLeft(value * a, 11) * b)) * 3) + 0x52dce729u);
}
