using System.Buffers.Binary;
using System.Text;

namespace Hatchery.Wire.Scsi;

/// <summary>Vital product data pages (SPC-4 section 7.8, SBC-3 section 6.6).</summary>
public static class VpdPage
{
    public const byte Supported = 0x00;
    public const byte UnitSerialNumber = 0x80;
    public const byte DeviceIdentification = 0x83;
    public const byte BlockLimits = 0xb0;
    public const byte BlockCharacteristics = 0xb1;
    public const byte LogicalBlockProvisioning = 0xb2;

    /// <summary>The longest COMPARE AND WRITE, in blocks.</summary>
    public const byte MaxCompareBlocks = 255;

    public static byte[] SupportedPages() =>
        Page(
            Supported,
            [
                Supported,
                UnitSerialNumber,
                DeviceIdentification,
                BlockLimits,
                BlockCharacteristics,
                LogicalBlockProvisioning,
            ]
        );

    public static byte[] Serial(string serial) => Page(UnitSerialNumber, Encoding.ASCII.GetBytes(serial));

    /// <param name="registeredName">An NAA name of 8 or 16 bytes, its format in the top four bits.</param>
    /// <param name="vendor">The T10 vendor, at most 8 characters, which the serial number follows.</param>
    public static byte[] Identification(ReadOnlySpan<byte> registeredName, string vendor, string serial)
    {
        var vendorName = new byte[8 + serial.Length];
        StandardInquiry.Pad(vendor, vendorName.AsSpan(0, 8));
        Encoding.ASCII.GetBytes(serial, vendorName.AsSpan(8));
        return Page(
            DeviceIdentification,
            [
                0x01,
                0x03,
                0,
                (byte)registeredName.Length,
                .. registeredName,
                0x02,
                0x01,
                0,
                (byte)vendorName.Length,
                .. vendorName,
            ]
        );
    }

    /// <param name="maxTransferBlocks">The longest read or write.</param>
    /// <param name="optimalBlocks">The granularity, and the transfer length, that suits the disk.</param>
    public static byte[] Limits(uint maxTransferBlocks, ushort granularityBlocks, uint optimalBlocks)
    {
        Span<byte> body = stackalloc byte[60];
        body.Clear();
        body[0] = 0x01; // WSNZ: a WRITE SAME of zero blocks is refused
        body[1] = MaxCompareBlocks;
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], granularityBlocks);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], maxTransferBlocks);
        BinaryPrimitives.WriteUInt32BigEndian(body[8..], optimalBlocks);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], uint.MaxValue);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], UnmapList.MaxDescriptors);
        BinaryPrimitives.WriteUInt32BigEndian(body[24..], granularityBlocks);
        return Page(BlockLimits, body);
    }

    /// <summary>A device that does not rotate.</summary>
    public static byte[] Characteristics()
    {
        Span<byte> body = stackalloc byte[60];
        body.Clear();
        body[1] = 1;
        return Page(BlockCharacteristics, body);
    }

    /// <summary>Thin; UNMAP and both forms of WRITE SAME unmap, and what is unmapped reads as zeroes.</summary>
    public static byte[] Provisioning() => Page(LogicalBlockProvisioning, [0, 0xe4, 0x02, 0]);

    private static byte[] Page(byte code, ReadOnlySpan<byte> body) =>
        [0, code, (byte)(body.Length >> 8), (byte)body.Length, .. body];
}
