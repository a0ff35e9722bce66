using System.Buffers.Binary;
using System.Security.Cryptography;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>
/// Makes and checks the boot nonces that scripts carry. A nonce is a <see cref="BootId"/>: 64 bits of ordinal that rise
/// with each nonce of a device, and 64 bits of HMAC-SHA256 over device and ordinal with the farm's secret. So any server
/// issues one without a word to the keeper, and nobody else can. The low bits of the ordinal say what the script is for (<see cref="ScriptMark"/>).
/// </summary>
public sealed class BootNonce(ReadOnlyMemory<byte> farmSecret)
{
    private const int TagLengthBytes = 8;

    /// <summary>The position of a nonce in the order of its device's nonces.</summary>
    public static ulong OrdinalOf(BootId boot)
    {
        Span<byte> bytes = stackalloc byte[16];
        boot.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>What the script was made for that has this nonce.</summary>
    public static ScriptMark MarkOf(BootId? boot) => boot is { } known ? ScriptMark.In(OrdinalOf(known)) : default;

    /// <param name="after">The device's current boot; the new nonce is newer, whatever the clock says.</param>
    public BootId Issue(DeviceId device, BootId? after, DateTimeOffset now, ScriptMark script = default)
    {
        // Milliseconds, and the mark behind them: the next script, which may be for a second machine with the same address, has another nonce.
        var place = (ulong)Math.Max(now.ToUnixTimeMilliseconds(), 0);
        if (after is { } current)
            place = Math.Max(place, (OrdinalOf(current) >> ScriptMark.Bits) + 1);
        return Make(device, (place << ScriptMark.Bits) | (uint)script.Value);
    }

    /// <summary>Whether this farm issued the nonce for this device.</summary>
    public bool Verify(DeviceId device, BootId boot)
    {
        Span<byte> given = stackalloc byte[16];
        Span<byte> made = stackalloc byte[16];
        boot.Value.TryWriteBytes(given, bigEndian: true, out _);
        Make(device, OrdinalOf(boot)).Value.TryWriteBytes(made, bigEndian: true, out _);
        return CryptographicOperations.FixedTimeEquals(given, made);
    }

    private BootId Make(DeviceId device, ulong ordinal)
    {
        Span<byte> signed = stackalloc byte[16 + 8];
        device.Value.TryWriteBytes(signed, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64BigEndian(signed[16..], ordinal);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(farmSecret.Span, signed, digest);
        Span<byte> nonce = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(nonce, ordinal);
        digest[..TagLengthBytes].CopyTo(nonce[8..]);
        return new(new Guid(nonce, bigEndian: true));
    }
}
