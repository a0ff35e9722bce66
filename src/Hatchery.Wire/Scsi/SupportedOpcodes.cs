using System.Buffers.Binary;

namespace Hatchery.Wire.Scsi;

/// <summary>REPORT SUPPORTED OPERATION CODES (SPC-4 section 6.35): the commands there are, with the bits of their CDBs that are read.</summary>
public static class SupportedOpcodes
{
    private sealed record Entry(ScsiOpcode Opcode, int ServiceAction, byte[] Usage);

    private const int NoServiceAction = -1;

    private static readonly Entry[] s_entries =
    [
        Six(ScsiOpcode.TestUnitReady),
        new(ScsiOpcode.RequestSense, NoServiceAction, [0x03, 0x01, 0, 0, 0xff, 0]),
        new(ScsiOpcode.Read6, NoServiceAction, [0x08, 0x1f, 0xff, 0xff, 0xff, 0]),
        new(ScsiOpcode.Write6, NoServiceAction, [0x0a, 0x1f, 0xff, 0xff, 0xff, 0]),
        new(ScsiOpcode.Inquiry, NoServiceAction, [0x12, 0x01, 0xff, 0xff, 0xff, 0]),
        new(ScsiOpcode.ModeSense6, NoServiceAction, [0x1a, 0x08, 0xff, 0xff, 0xff, 0]),
        new(ScsiOpcode.StartStopUnit, NoServiceAction, [0x1b, 0x01, 0, 0, 0x03, 0]),
        new(ScsiOpcode.PreventAllowRemoval, NoServiceAction, [0x1e, 0, 0, 0, 0x03, 0]),
        new(ScsiOpcode.ReadCapacity10, NoServiceAction, [0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        Ten(ScsiOpcode.Read10, 0x18),
        Ten(ScsiOpcode.Write10, 0x18),
        Ten(ScsiOpcode.WriteAndVerify10, 0x16),
        Ten(ScsiOpcode.Verify10, 0x16),
        Ten(ScsiOpcode.Prefetch10, 0x02),
        Ten(ScsiOpcode.SynchronizeCache10, 0x02),
        Ten(ScsiOpcode.WriteSame10, 0x08),
        new(ScsiOpcode.Unmap, NoServiceAction, [0x42, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0]),
        new(ScsiOpcode.ModeSense10, NoServiceAction, [0x5a, 0x08, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, 0]),
        Sixteen(ScsiOpcode.Read16, 0x18),
        new(
            ScsiOpcode.CompareAndWrite,
            NoServiceAction,
            [0x89, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0xff, 0, 0]
        ),
        Sixteen(ScsiOpcode.Write16, 0x18),
        Sixteen(ScsiOpcode.WriteAndVerify16, 0x16),
        Sixteen(ScsiOpcode.Verify16, 0x16),
        Sixteen(ScsiOpcode.Prefetch16, 0x02),
        Sixteen(ScsiOpcode.SynchronizeCache16, 0x02),
        Sixteen(ScsiOpcode.WriteSame16, 0x09),
        new(
            ScsiOpcode.ServiceActionIn16,
            ScsiServiceAction.ReadCapacity16,
            [0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0]
        ),
        new(ScsiOpcode.ReportLuns, NoServiceAction, [0xa0, 0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0]),
        new(
            ScsiOpcode.MaintenanceIn,
            ScsiServiceAction.ReportSupportedOperationCodes,
            [0xa3, 0x0c, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]
        ),
        Twelve(ScsiOpcode.Read12, 0x18),
        Twelve(ScsiOpcode.Write12, 0x18),
        Twelve(ScsiOpcode.WriteAndVerify12, 0x16),
        Twelve(ScsiOpcode.Verify12, 0x16),
    ];

    public static bool IsKnown(ReadOnlySpan<byte> cdb)
    {
        var (opcode, action) = ((ScsiOpcode)cdb[0], cdb[1] & 0x1f);
        return Array.Exists(s_entries, e => e.Opcode == opcode && e.ServiceAction is var a && (a < 0 || a == action));
    }

    /// <returns>Null when the request's options make no sense for that operation code.</returns>
    public static byte[]? ToBytes(ParameterCdb request)
    {
        var timeouts = (request.Page & 0x80) != 0;
        return (request.Page & 7) switch
        {
            0 => ListAll(timeouts),
            1 => One(request, timeouts, withAction: false),
            2 => One(request, timeouts, withAction: true),
            3 => One(request, timeouts, Find(request, NoServiceAction) is null),
            _ => null,
        };
    }

    private static byte[] ListAll(bool timeouts)
    {
        var each = timeouts ? 20 : 8;
        var bytes = new byte[4 + (each * s_entries.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(bytes.Length - 4));
        for (var i = 0; i < s_entries.Length; i++)
        {
            var entry = s_entries[i];
            var descriptor = bytes.AsSpan(4 + (each * i), each);
            descriptor[0] = (byte)entry.Opcode;
            BinaryPrimitives.WriteUInt16BigEndian(descriptor[2..], (ushort)Math.Max(entry.ServiceAction, 0));
            descriptor[5] = (byte)((timeouts ? 2 : 0) | (entry.ServiceAction < 0 ? 0 : 1));
            BinaryPrimitives.WriteUInt16BigEndian(descriptor[6..], (ushort)entry.Usage.Length);
            if (timeouts)
                BinaryPrimitives.WriteUInt16BigEndian(descriptor[8..], 10);
        }
        return bytes;
    }

    private static byte[]? One(ParameterCdb request, bool timeouts, bool withAction)
    {
        var sharesOpcode = Array.Exists(s_entries, e => (byte)e.Opcode == request.Subpage && e.ServiceAction >= 0);
        var known = Array.Exists(s_entries, e => (byte)e.Opcode == request.Subpage);
        if (known && sharesOpcode != withAction)
            return null;
        if (Find(request, withAction ? request.ServiceAction : NoServiceAction) is not { } entry)
            return [0, 1, 0, 0];
        byte[] timeout = timeouts ? [0, 10, .. new byte[10]] : [];
        return [0, (byte)((timeouts ? 0x80 : 0) | 3), 0, (byte)entry.Usage.Length, .. entry.Usage, .. timeout];
    }

    private static Entry? Find(ParameterCdb request, int action) =>
        Array.Find(s_entries, e => (byte)e.Opcode == request.Subpage && e.ServiceAction == action);

    private static Entry Six(ScsiOpcode opcode) => new(opcode, NoServiceAction, [(byte)opcode, 0, 0, 0, 0, 0]);

    private static Entry Ten(ScsiOpcode opcode, byte flags) =>
        new(opcode, NoServiceAction, [(byte)opcode, flags, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0]);

    private static Entry Twelve(ScsiOpcode opcode, byte flags) =>
        new(opcode, NoServiceAction, [(byte)opcode, flags, .. Ones(8), 0, 0]);

    private static Entry Sixteen(ScsiOpcode opcode, byte flags) =>
        new(opcode, NoServiceAction, [(byte)opcode, flags, .. Ones(12), 0, 0]);

    private static byte[] Ones(int count)
    {
        var bytes = new byte[count];
        bytes.AsSpan().Fill(0xff);
        return bytes;
    }
}
