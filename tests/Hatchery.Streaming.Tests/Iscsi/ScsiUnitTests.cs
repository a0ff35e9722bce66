using Hatchery.Disks;
using Hatchery.Streaming.Iscsi;
using Hatchery.Testing;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;
using Xunit.Abstractions;

namespace Hatchery.Streaming.Tests.Iscsi;

public sealed class ScsiUnitTests(ITestOutputHelper output)
{
    private static readonly DeviceId s_device = new(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));

    [Fact]
    public void Read_16_names_offset_and_length_in_bytes()
    {
        var plan = Unit().Plan(Cdb("88000000000000000002000001000000"), 0);
        Assert.Equal(new ScsiPlan(ScsiAction.Read, 1024, 131_072), plan);
        plan = Unit().Plan(Cdb("88000000000000000002000000fd0000"), 0);
        Assert.Equal(0xfd * 512, plan.Length);
    }

    [Fact]
    public void Reading_beyond_the_end_is_refused() =>
        Assert.Equal(SenseData.LbaOutOfRange, Unit().Plan(Cdb("28000000ffff0000020000"), 0).Sense);

    [Fact]
    public void A_read_only_disk_takes_no_writes() =>
        Assert.Equal(SenseData.WriteProtected, Unit(readOnly: true).Plan(Cdb("2a000000000000000100"), 0).Sense);

    [Fact]
    public void Serial_and_name_come_from_the_device_alone()
    {
        var serial = Unit().Plan(Cdb("120180ff00"), 0);
        Assert.Equal(Unit(readOnly: true).Plan(Cdb("120180ff00"), 0).Data, serial.Data);
        Assert.Equal(s_device.ToString(), System.Text.Encoding.ASCII.GetString(serial.Data!, 4, 32));
        Assert.Equal(0x30, new DiskIdentity(s_device).RegisteredName[0] & 0xf0);
    }

    [Theory]
    [InlineData(0xff00, true)]
    [InlineData(0xff01, false)]
    public void A_range_may_end_where_the_disk_ends(int lba, bool fits)
    {
        var plan = Unit().Plan(new(0x9000_0000_0000_0000, ((ulong)lba << 48) | 0x0100_0000), 0);
        Assert.Equal(fits ? ScsiAction.Answer : ScsiAction.Refuse, plan.Action);
    }

    [Fact]
    public void Another_unit_is_not_there() =>
        Assert.Equal(SenseData.LogicalUnitNotSupported, Unit().Plan(Cdb("00"), 0x0001_0000_0000_0000).Sense);

    [Theory]
    [InlineData("5e00000000000000ff00")]
    [InlineData("5f00000000000000ff00")]
    public void Persistent_reservations_are_refused(string cdb) =>
        Assert.Equal(SenseData.InvalidOpcode, Unit().Plan(Cdb(cdb), 0).Sense);

    [Fact]
    public void Whatever_the_command_the_plan_stays_inside_the_disk()
    {
        var random = Seed.New(output);
        var cdb = new byte[16];
        var unit = Unit();
        for (var i = 0; i < 100_000; i++)
        {
            random.NextBytes(cdb.AsSpan(0, 1 + random.Next(16)));
            var plan = unit.Plan(CommandBlock.Read(cdb), 0);
            Assert.InRange(plan.Offset, 0, 65_536 * 512L);
            Assert.InRange(plan.Length, 0, (65_536 * 512L) - plan.Offset);
            Assert.InRange(plan.OutLength, 0, ScsiUnit.MaxTransferBytes);
            Array.Clear(cdb);
        }
    }

    private static ScsiUnit Unit(bool readOnly = false) => new(new(s_device), 65_536 * 512L, 512, readOnly);

    private static CommandBlock Cdb(string hex)
    {
        var bytes = new byte[16];
        Convert.FromHexString(hex).CopyTo(bytes, 0);
        return CommandBlock.Read(bytes);
    }
}
