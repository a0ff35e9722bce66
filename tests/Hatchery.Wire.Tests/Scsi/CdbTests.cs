using Hatchery.Testing;
using Hatchery.Wire.Scsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Scsi;

public sealed class CdbTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("081fffff0400", ScsiOpcode.Read6, 0, 0x1ffffful, 4u)]
    [InlineData("080000010000", ScsiOpcode.Read6, 0, 1ul, 256u)]
    [InlineData("2a0801020304001234000000", ScsiOpcode.Write10, 8, 0x01020304ul, 0x1234u)]
    [InlineData("a80001020304000100000000", ScsiOpcode.Read12, 0, 0x01020304ul, 0x00010000u)]
    [InlineData("8808010203040506070800010000 0000", ScsiOpcode.Read16, 8, 0x0102030405060708ul, 0x00010000u)]
    [InlineData("91000000000000000001000000020000", ScsiOpcode.SynchronizeCache16, 0, 1ul, 2u)]
    public void Ranges_of_blocks_are_read_from_each_form(
        string hex,
        ScsiOpcode opcode,
        byte flags,
        ulong lba,
        uint blocks
    )
    {
        Assert.True(BlockCdb.TryRead(Cdb(hex), out var cdb));
        Assert.Equal(new BlockCdb(opcode, flags, lba, blocks), cdb);
    }

    [Theory]
    [InlineData("120183 00ff00", 0x83, 0, 0xffu)]
    [InlineData("5a083f01000000012300", 0x3f, 1, 0x123u)]
    [InlineData("a00002000000000010000000", 2, 0, 0x1000u)]
    [InlineData("9e100000000000000000000000200000", 0, 0, 0x20u)]
    public void Pages_and_lengths_are_read(string hex, byte page, byte subpage, uint allocation)
    {
        Assert.True(ParameterCdb.TryRead(Cdb(hex), out var cdb));
        Assert.Equal((page, subpage, allocation), (cdb.Page, cdb.Subpage, cdb.AllocationBytes));
    }

    [Fact]
    public void Random_CDBs_are_answered_without_an_exception()
    {
        var random = Seed.New(output);
        var bytes = new byte[16];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            var cdb = bytes.AsSpan(0, random.Next(17));
            BlockCdb.TryRead(cdb, out _);
            if (ParameterCdb.TryRead(cdb, out var parameters))
                _ = SupportedOpcodes.ToBytes(parameters);
        }
    }

    private static byte[] Cdb(string hex)
    {
        var cdb = new byte[16];
        Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)).CopyTo(cdb, 0);
        return cdb;
    }
}
