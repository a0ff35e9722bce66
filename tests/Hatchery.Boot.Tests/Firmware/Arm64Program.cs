using System.Buffers.Binary;
using System.Text;

namespace Hatchery.Boot.Tests.Firmware;

/// <summary>A UEFI application for arm64 that says one line and returns: Debian 12 has no boot program for that processor.</summary>
internal static class Arm64Program
{
    private const int Page = 4096;
    private const int HeaderBytes = 512;
    private const int MessageOffset = 32;

    public static byte[] Saying(string line)
    {
        uint[] code =
        [
            0xF9402020, // ldr x0, [x1, #64]   SystemTable->ConOut
            0xF9400402, // ldr x2, [x0, #8]    OutputString
            0x100000C1, // adr x1, . + 24      the line behind the code
            0xA9BF7BFD, // stp x29, x30, [sp, #-16]!
            0xD63F0040, // blr x2
            0xA8C17BFD, // ldp x29, x30, [sp], #16
            0xD2800000, // mov x0, #0          EFI_SUCCESS
            0xD65F03C0, // ret
        ];
        var image = new byte[HeaderBytes + Page];
        Header(image);
        var section = image.AsSpan(HeaderBytes);
        for (var i = 0; i < code.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(section[(4 * i)..], code[i]);
        Encoding.Unicode.GetBytes(line + "\r\n\0", section[MessageOffset..]);
        return image;
    }

    /// <summary>PE32+ with one section, as the PE format's specification has it; fields that are zero are not named.</summary>
    private static void Header(byte[] image)
    {
        const int coff = 0x44;
        const int optional = coff + 20;
        const int optionalBytes = 240;
        const int section = optional + optionalBytes;
        "MZ"u8.CopyTo(image);
        Int(0x3C, 0x40);
        "PE\0\0"u8.CopyTo(image.AsSpan(0x40));
        Short(coff, 0xAA64); // arm64
        Short(coff + 2, 1); // sections
        Short(coff + 16, optionalBytes);
        Short(coff + 18, 0x0202); // executable, no debug information
        Short(optional, 0x20B); // PE32+
        Int(optional + 4, Page); // size of code
        Int(optional + 16, Page); // entry point
        Int(optional + 20, Page); // base of code
        Int(optional + 32, Page); // section alignment
        Int(optional + 36, HeaderBytes); // file alignment
        Int(optional + 56, 2 * Page); // size of image
        Int(optional + 60, HeaderBytes);
        Short(optional + 68, 10); // EFI application
        Int(optional + 108, 16); // data directories, all empty
        ".text"u8.CopyTo(image.AsSpan(section));
        Int(section + 8, Page); // size in memory
        Int(section + 12, Page); // address
        Int(section + 16, Page); // size in the file
        Int(section + 20, HeaderBytes); // place in the file
        Int(section + 36, 0x60000020); // code, executable, readable

        void Short(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(at), value);
        void Int(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), value);
    }
}
