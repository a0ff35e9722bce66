using System.Text;

namespace Hatchery.Wire.Scsi;

/// <summary>Standard INQUIRY data (SPC-4 section 6.6.2): a direct-access device that queues commands.</summary>
/// <param name="Vendor">At most 8 ASCII characters.</param>
/// <param name="Product">At most 16 ASCII characters.</param>
/// <param name="Revision">At most 4 ASCII characters.</param>
public sealed record StandardInquiry(string Vendor, string Product, string Revision)
{
    public const int SizeBytes = 96;

    /// <summary>First byte of the answer for a logical unit that is not there.</summary>
    public const byte NoDevice = 0x7f;

    // SAM-5, SPC-4, SBC-3, iSCSI without a version claimed.
    private static ReadOnlySpan<ushort> Standards => [0x00a0, 0x0460, 0x04c0, 0x0960];

    public byte[] ToBytes(bool present = true)
    {
        var bytes = new byte[SizeBytes];
        bytes[0] = present ? (byte)0 : NoDevice;
        bytes[2] = 0x06;
        bytes[3] = 0x12;
        bytes[4] = SizeBytes - 5;
        bytes[7] = 0x02;
        Pad(Vendor, bytes.AsSpan(8, 8));
        Pad(Product, bytes.AsSpan(16, 16));
        Pad(Revision, bytes.AsSpan(32, 4));
        for (var i = 0; i < Standards.Length; i++)
        {
            bytes[58 + (2 * i)] = (byte)(Standards[i] >> 8);
            bytes[59 + (2 * i)] = (byte)Standards[i];
        }
        return bytes;
    }

    internal static void Pad(string text, Span<byte> field)
    {
        field.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, field.Length)), field);
    }
}
