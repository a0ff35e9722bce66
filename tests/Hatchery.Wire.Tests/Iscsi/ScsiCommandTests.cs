using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class ScsiCommandTests(ITestOutputHelper output) : FixedWireFacts<ScsiCommand>(output)
{
    protected override ScsiCommand Example =>
        new(
            false,
            true,
            true,
            false,
            1,
            0,
            0x0102030405060708,
            0xaabbccdd,
            0x1000,
            0xb1,
            0xb2,
            new CommandBlock(0x2800000000010000, 0x0800000000000000)
        );

    protected override string ExampleHex =>
        "01 c1 0000 00 000000 0102030405060708 aabbccdd 00001000 000000b1 000000b2 2800000000010000 0800000000000000";
}
