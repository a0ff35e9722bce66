using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>
/// What a boot script was made for, in as few bits as its nonce has room for: the version whose kernel it loads, so that the machine's login
/// gets the disk that goes with it, at whichever server and however long after.
/// </summary>
/// <param name="Value">0: not said, as by a script that loads no kernel or came from a server of before.</param>
[method: JsonConstructor]
public readonly record struct ScriptMark(int Value)
{
    /// <summary>How many bits a mark takes. That one is taken for another has a chance of one in sixteen thousand, where a version changed meanwhile.</summary>
    internal const int Bits = 16;

    // In nonces of servers of before it is clear.
    private const int Said = 1 << 15;
    private const int OwnCache = 1 << 14;

    /// <param name="writes">The version in maintenance that the boot writes on top of it; null: none.</param>
    /// <param name="hasOwnCache">The machine is told to have its write cache itself.</param>
    public static ScriptMark Of(VDiskId vDisk, LayerId image, int? writes, bool hasOwnCache) =>
        new(Said | (hasOwnCache ? OwnCache : 0) | DigestOf(vDisk, image, writes));

    internal static ScriptMark In(ulong ordinal) => new((ordinal & Said) == 0 ? 0 : (int)(ordinal & ((1 << Bits) - 1)));

    [JsonIgnore]
    public bool IsNone => Value == 0;

    /// <summary>Whether a boot of that may follow the script: it was made for it, or does not say what for.</summary>
    public bool Allows(VDiskId vDisk, LayerId image, int? writes = null) =>
        IsNone || (Value & ~(Said | OwnCache)) == DigestOf(vDisk, image, writes);

    public bool AllowsCache(bool isOwn) => IsNone || (Value & OwnCache) != 0 == isOwn;

    private static int DigestOf(VDiskId vDisk, LayerId image, int? writes)
    {
        Span<byte> what = stackalloc byte[16 + 16 + 4];
        vDisk.Value.TryWriteBytes(what);
        image.Value.TryWriteBytes(what[16..]);
        BinaryPrimitives.WriteInt32LittleEndian(what[32..], writes ?? 0);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(what, digest);
        return BinaryPrimitives.ReadInt32LittleEndian(digest) & ((1 << Bits) - 1) & ~(Said | OwnCache);
    }
}
